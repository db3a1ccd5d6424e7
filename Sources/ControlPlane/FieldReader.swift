// SPDX-License-Identifier: MIT

/// One thing wrong with one field of a request body.
public struct FieldProblem: Error, Sendable, Equatable {
  /// Where, from the document's root: `budget_remaining`, `tags[2]`, `context.now`. Empty for the
  /// document itself.
  public let path: String
  /// What is wrong and what was expected, lower case: `expected an integer, found a string`.
  public let message: String

  public init(path: String, message: String) {
    self.path = path
    self.message = message
  }
}

/// Reads the members of a JSON object and collects everything wrong with them, so that a caller
/// learns of all his mistakes at once. A member that is absent or null reads as nil.
public struct FieldReader {
  private let members: [String: JSONValue]
  private let prefix: String
  private var asked: Set<String> = []
  public private(set) var problems: [FieldProblem] = []

  /// A reader over `value`; anything but an object is itself a problem.
  public init(_ value: JSONValue, path: String = "") {
    prefix = path.isEmpty ? "" : path + "."
    guard case .object(let list) = value else {
      members = [:]
      problems = [
        FieldProblem(path: path, message: "expected an object, found \(value.kindName)")
      ]
      return
    }
    members = Dictionary(list.map { ($0.name, $0.value) }) { _, last in last }
  }

  /// Notes a problem found by the caller, for example a value out of range.
  public mutating func refuse(_ name: String, _ message: String) {
    problems.append(FieldProblem(path: prefix + name, message: message))
  }

  /// Notes problems of a nested reader, whose paths are already complete.
  public mutating func adopt(_ others: [FieldProblem]) {
    problems.append(contentsOf: others)
  }

  /// The member as it stands; nil when absent or null.
  public mutating func value(_ name: String) -> JSONValue? {
    asked.insert(name)
    guard let value = members[name], !value.isNull else { return nil }
    return value
  }

  public func contains(_ name: String) -> Bool { members[name] != nil }

  private mutating func read<Result>(
    _ name: String, _ expected: String, _ convert: (JSONValue) -> Result?
  ) -> Result? {
    guard let value = value(name) else { return nil }
    if let result = convert(value) { return result }
    refuse(name, "expected \(expected), found \(value.kindName)")
    return nil
  }

  public mutating func string(_ name: String) -> String? {
    read(name, "a string") { $0.stringValue }
  }

  public mutating func requiredString(_ name: String) -> String? {
    if let text = string(name) { return text }
    if members[name] == nil || members[name] == .null { refuse(name, "is required") }
    return nil
  }

  public mutating func boolean(_ name: String) -> Bool? {
    read(name, "a boolean") { $0.booleanValue }
  }

  /// A whole number within `range`.
  public mutating func integer(
    _ name: String, in range: ClosedRange<Int64> = .min ... .max
  ) -> Int64? {
    guard let value = read(name, "an integer", { $0.integerValue }) else { return nil }
    if range.contains(value) { return value }
    refuse(name, "must be from \(range.lowerBound) to \(range.upperBound)")
    return nil
  }

  /// Any finite number.
  public mutating func number(_ name: String) -> Double? {
    read(name, "a number") { $0.numberValue }
  }

  public mutating func array(_ name: String) -> [JSONValue]? {
    read(name, "an array") { $0.arrayValue }
  }

  public mutating func object(_ name: String) -> JSONValue? {
    read(name, "an object") { $0.objectMembers == nil ? nil : $0 }
  }

  /// An array of strings; each element of another kind is a problem of its own (`tags[1]`).
  public mutating func strings(_ name: String) -> [String]? {
    guard let elements = array(name) else { return nil }
    var result: [String] = []
    for (index, element) in elements.enumerated() {
      if let text = element.stringValue {
        result.append(text)
      } else {
        refuse("\(name)[\(index)]", "expected a string, found \(element.kindName)")
      }
    }
    return result
  }

  /// Refuses every member that was never asked for: a misspelt optional name would otherwise be
  /// silently without effect.
  public mutating func refuseUnknownNames() {
    for name in members.keys.sorted() where !asked.contains(name) {
      refuse(name, "is not a field of this request")
    }
  }
}
