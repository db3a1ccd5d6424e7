// SPDX-License-Identifier: MIT

/// A source cut at the comments `// fmt: off` and `// fmt: on` between its policies.
///
/// What stands between the two, the comments included, is kept as it is written. Without
/// `// fmt: on` that is everything up to the end. The comments count only on lines of their own
/// between policies, so that each part holds whole policies.
struct FormatRegions {
  enum Part: Equatable {
    case formatted(String)
    case kept(String)
  }

  private(set) var parts: [Part] = []

  /// - Parameter policies: the spans of the policies of `bytes`, in order.
  init(_ bytes: [UInt8], policies: [SourceSpan]) {
    var start = 0
    var isKept = false
    var gapStart = 0
    for index in 0...policies.count {
      let end = index < policies.count ? Int(policies[index].start) : bytes.count
      for line in Self.lines(bytes, gapStart, end) {
        switch Self.text(bytes[line]) {
        case "// fmt: off" where !isKept:
          add(bytes[start..<line.lowerBound], isKept: false)
          start = line.lowerBound
          isKept = true
        case "// fmt: on" where isKept:
          add(bytes[start..<line.upperBound], isKept: true)
          start = line.upperBound
          isKept = false
        default: break
        }
      }
      if index < policies.count { gapStart = Int(policies[index].end) }
    }
    add(bytes[start...], isKept: isKept)
  }

  /// Whether anything is to be kept as it is.
  var keepsSomething: Bool {
    parts.contains { if case .kept = $0 { true } else { false } }
  }

  private mutating func add(_ bytes: ArraySlice<UInt8>, isKept: Bool) {
    let text = Self.text(bytes)
    guard !text.isEmpty else { return }
    parts.append(isKept ? .kept(text) : .formatted(text))
  }

  /// The whole lines of a gap; what stands on the line of a policy is left out.
  private static func lines(_ bytes: [UInt8], _ from: Int, _ to: Int) -> [Range<Int>] {
    var result: [Range<Int>] = []
    var start = from
    while start < to {
      let end = bytes[start..<to].firstIndex(of: 0x0A) ?? to
      let isWhole = start == 0 || bytes[start - 1] == 0x0A
      if isWhole, end < to || to == bytes.count { result.append(start..<end) }
      start = end + 1
    }
    return result
  }

  /// A run of bytes as text, without white space at both ends.
  private static func text(_ bytes: ArraySlice<UInt8>) -> String {
    let isBlank = { (byte: UInt8) in byte == 0x20 || (0x09...0x0D).contains(byte) }
    guard let first = bytes.firstIndex(where: { !isBlank($0) }),
      let last = bytes.lastIndex(where: { !isBlank($0) })
    else { return "" }
    return String(decoding: bytes[first...last], as: UTF8.self)
  }
}
