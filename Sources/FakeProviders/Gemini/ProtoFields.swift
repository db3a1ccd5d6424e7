// SPDX-License-Identifier: MIT

internal import ControlPlane

/// A JSON object read as Google's services read one into a protobuf message: every field has two
/// names, `lowerCamelCase` and `snake_case`, and a name that is no field is refused.
struct ProtoFields {
  let value: JSONValue
  /// `contents[0].parts[1]`, for errors; empty for the request itself.
  let path: String

  init(
    _ value: JSONValue, path: String, known: Set<String>? = nil
  ) throws(ProviderError) {
    self.value = value
    self.path = path
    guard let members = value.objectMembers else {
      throw .invalidRequest(
        "Invalid value at '\(path)' (type.googleapis.com/google.protobuf.Message), \(value.text)")
    }
    guard let known else { return }
    for member in members where !known.contains(Self.camelCase(member.name)) {
      let place = path.isEmpty ? "" : " at '\(path)'"
      throw .invalidRequest(
        "Invalid JSON payload received. Unknown name \"\(member.name)\"\(place): Cannot find "
          + "field.")
    }
  }

  /// The member under either of its names; null counts as absent.
  subscript(name: String) -> JSONValue? {
    guard let found = value[name] ?? value[Self.snakeCase(name)], !found.isNull else { return nil }
    return found
  }

  func place(_ name: String) -> String {
    let own = Self.snakeCase(name)
    return path.isEmpty ? own : "\(path).\(own)"
  }

  /// A number within `range`.
  func number(
    _ name: String, in range: ClosedRange<Double>, type: String = "TYPE_FLOAT"
  ) throws(ProviderError) -> Double? {
    guard let given = self[name] else { return nil }
    guard let number = given.numberValue else {
      throw .invalidRequest("Invalid value at '\(place(name))' (\(type)), \(given.text)")
    }
    guard range.contains(number) else {
      throw .invalidRequest(
        "* GenerateContentRequest.\(place(name)): must be in the range "
          + "[\(range.lowerBound), \(range.upperBound)], but was \(number)")
    }
    return number
  }

  static func camelCase(_ name: String) -> String {
    var result = ""
    var isNext = false
    for character in name {
      if character == "_" {
        isNext = true
      } else {
        result += isNext ? character.uppercased() : String(character)
        isNext = false
      }
    }
    return result
  }

  static func snakeCase(_ name: String) -> String {
    name.reduce(into: "") { result, character in
      result += character.isUppercase ? "_" + character.lowercased() : String(character)
    }
  }
}
