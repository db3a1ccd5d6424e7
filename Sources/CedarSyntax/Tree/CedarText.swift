// SPDX-License-Identifier: MIT

/// Cedar's view of strings: sequences of Unicode scalars, compared one by one.
public enum CedarText {
  /// Scalar-by-scalar equality (Swift's `==` would use canonical equivalence).
  public static func equal(_ left: String, _ right: String) -> Bool {
    let (left, right) = (left.utf8, right.utf8)
    guard left.count == right.count else { return false }
    // The bytes side by side: the views' own iterators decide about the storage at every byte.
    let isEqual = unsafe left.withContiguousStorageIfAvailable { leftBytes in
      unsafe right.withContiguousStorageIfAvailable { rightBytes in
        unsafe leftBytes.elementsEqual(rightBytes)
      }
    }
    return (isEqual ?? nil) ?? left.elementsEqual(right)
  }

  /// Feeds the UTF-8 bytes to a hasher, matching `equal`.
  public static func hash(_ text: String, into hasher: inout Hasher) {
    var copy = text
    copy.withUTF8 { bytes in
      unsafe hasher.combine(bytes: UnsafeRawBufferPointer(bytes))
    }
    hasher.combine(UInt8(0xFF))
  }

  /// Order by Unicode scalar value.
  public static func less(_ left: String, _ right: String) -> Bool {
    left.utf8.lexicographicallyPrecedes(right.utf8)
  }

  /// The text as a Cedar string literal, quotes included.
  public static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars { appendEscaped(scalar, to: &result) }
    result += "\""
    return result
  }

  static func appendEscaped(_ scalar: Unicode.Scalar, to result: inout String) {
    switch scalar {
    case "\"": result += "\\\""
    case "\\": result += "\\\\"
    case "\n": result += "\\n"
    case "\r": result += "\\r"
    case "\t": result += "\\t"
    case "\0": result += "\\0"
    default:
      if scalar.value < 0x20 || scalar.value == 0x7F {
        result += "\\u{\(String(scalar.value, radix: 16))}"
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
  }
}

/// A string that hashes and compares as Cedar's strings do, for use as a dictionary key.
public struct ExactString: Sendable, Hashable {
  public let text: String

  public init(_ text: String) {
    self.text = text
  }

  public static func == (left: ExactString, right: ExactString) -> Bool {
    CedarText.equal(left.text, right.text)
  }

  public func hash(into hasher: inout Hasher) {
    CedarText.hash(text, into: &hasher)
  }
}
