// SPDX-License-Identifier: MIT

internal import ControlPlane

/// One prompt or one text to embed: words, or token numbers.
enum TokenInput: Equatable {
  case text(String)
  case tokens([Int64])

  var tokenCount: Int {
    switch self {
    case .text(let text): TokenEstimate.count(text)
    case .tokens(let numbers): numbers.count
    }
  }

  /// What an answer repeats of it.
  var words: String {
    switch self {
    case .text(let text): text
    case .tokens(let numbers): numbers.map { "<\($0)>" }.joined()
    }
  }

  /// Reads the four forms of `input` and `prompt`: a string, strings, token numbers, arrays of
  /// token numbers. Anything else is noted as a problem of `name`.
  static func read(_ fields: inout FieldReader, _ name: String, limit: Int) -> [TokenInput] {
    guard let value = fields.value(name) else {
      fields.refuse(name, "is required")
      return []
    }
    if let text = value.stringValue { return [.text(text)] }
    guard let elements = value.arrayValue, let first = elements.first else {
      fields.refuse(name, "expected a string or an array that is not empty")
      return []
    }
    if elements.count > limit {
      fields.refuse(name, "must have at most \(limit) elements")
      return []
    }
    if first.integerValue != nil {
      guard let numbers = numbers(value) else {
        fields.refuse(name, "expected token numbers only")
        return []
      }
      return [.tokens(numbers)]
    }
    var inputs: [TokenInput] = []
    for (index, element) in elements.enumerated() {
      if let text = element.stringValue {
        inputs.append(.text(text))
      } else if let numbers = numbers(element), !numbers.isEmpty {
        inputs.append(.tokens(numbers))
      } else {
        fields.refuse("\(name)[\(index)]", "expected a string or an array of token numbers")
      }
    }
    return inputs
  }

  private static func numbers(_ value: JSONValue) -> [Int64]? {
    guard let elements = value.arrayValue else { return nil }
    var numbers: [Int64] = []
    for element in elements {
      guard let number = element.integerValue, number >= 0 else { return nil }
      numbers.append(number)
    }
    return numbers
  }
}
