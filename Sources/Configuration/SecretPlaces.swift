// SPDX-License-Identifier: MIT

/// Where in a file that could be read its secrets stand, whatever way they are written: the texts
/// under a key that `SecretNames` knows, also in lists and over several lines, and all that is
/// below `headers`. Of a mapping below such a key its known members can be shown.
struct SecretPlaces {
  /// Columns counted from 0, by line.
  private var secrets: [Int: [Range<Int>]] = [:]
  private var urls: [Int: [Range<Int>]] = [:]
  private var known: [String: Bool] = [:]

  init(_ root: Node) {
    walk(root, .open)
    known = [:]
    for line in secrets.keys { secrets[line]?.sort { $0.lowerBound < $1.lowerBound } }
  }

  func secrets(in line: Int) -> [Range<Int>] { secrets[line] ?? [] }

  /// Texts with a URL in them; parts of it may be secrets.
  func urls(in line: Int) -> [Range<Int>] { urls[line] ?? [] }

  /// Whether a secret begins here.
  func begin(at place: Place) -> Bool {
    guard let ranges = secrets[place.line] else { return false }
    var (low, high) = (0, ranges.count)
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].lowerBound < place.column - 1 { low = middle + 1 } else { high = middle }
    }
    return low < ranges.count && ranges[low].lowerBound == place.column - 1
  }

  private enum Surroundings {
    case open
    case secret
    /// The mapping `headers` itself, whose keys are names.
    case headers
    case belowHeaders

    var isSecret: Bool { self != .open }
  }

  /// Deep nesting has ended in an error before (`NodeComposer.depthMaximum`).
  private mutating func walk(_ node: Node, _ surroundings: Surroundings) {
    switch node {
    case .scalar(let scalar):
      if surroundings.isSecret {
        Self.add(scalar, to: &secrets)
      } else if scalar.string.utf8.contains(0x3a), scalar.string.contains("://") {
        Self.add(scalar, to: &urls)
      }
    case .sequence(let elements, _):
      for element in elements {
        walk(element, surroundings == .headers ? .belowHeaders : surroundings)
      }
    case .mapping(let pairs, _):
      for (key, value) in pairs {
        guard case .scalar(let scalar) = key else {
          let below = surroundings == .headers ? .belowHeaders : surroundings
          walk(key, below)
          walk(value, below)
          continue
        }
        if isSecretKey(scalar, value, surroundings) { Self.add(scalar, to: &secrets) }
        walk(value, self.surroundings(of: scalar.string, surroundings))
      }
    }
  }

  /// `{sk-…}` is a mapping with a key and nothing else.
  private func isSecretKey(
    _ key: Node.Scalar, _ value: Node, _ surroundings: Surroundings
  ) -> Bool {
    switch surroundings {
    case .open: return false
    case .secret, .belowHeaders: return !SecretNames.isWord(key.string)
    case .headers:
      if key.string.isEmpty { return true }
      guard case .scalar(let scalar) = value else { return false }
      return scalar.isPlain && scalar.string.isEmpty
    }
  }

  private mutating func surroundings(of key: String, _ above: Surroundings) -> Surroundings {
    if above == .headers || above == .belowHeaders { return .belowHeaders }
    if key == SecretNames.headers { return .headers }
    if above == .secret && SecretNames.isSecretMember(key) { return .secret }
    return isNameSecret(key) ? .secret : .open
  }

  private mutating func isNameSecret(_ name: String) -> Bool {
    if let answer = known[name] { return answer }
    let answer = SecretNames.isSecret(name)
    known[name] = answer
    return answer
  }

  private static func add(_ scalar: Node.Scalar, to ranges: inout [Int: [Range<Int>]]) {
    let (start, end) = (scalar.place, scalar.end)
    guard start.line <= end.line else { return }
    for line in start.line...end.line {
      let first = line == start.line ? start.column - 1 : 0
      let last = line == end.line ? end.column - 1 : Int.max
      // Also an empty one has its place: what is said of it is said of a secret.
      if first <= last { ranges[line, default: []].append(first..<last) }
    }
  }
}
