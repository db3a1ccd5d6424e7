// SPDX-License-Identifier: MIT

/// Where a text stops being JSON (RFC 8259), and why.
@frozen
public struct JSONError: Error, Equatable, Sendable {
  public enum Reason: UInt8, CaseIterable, Sendable {
    /// The text ends inside a value.
    case unexpectedEnd
    /// A byte that no grammar rule allows at this place.
    case unexpectedByte
    /// Letters that are not `true`, `false` or `null`.
    case literalInvalid
    /// A number with a leading zero, without digits, or with a stray sign, point or exponent.
    case numberInvalid
    /// A byte below 0x20 inside a string.
    case controlCharacter
    /// A backslash before anything but `"\/bfnrtu`, or `\u` without four hexadecimal digits.
    case escapeInvalid
    /// Half of a UTF-16 pair, which no UTF-8 can stand for.
    case surrogateUnpaired
    /// Bytes that are not UTF-8 (RFC 3629).
    case utf8Invalid
    /// More open brackets than `JSONLimits.depthMax`.
    case depthExceeded
    /// Something besides white space after the value.
    case trailingBytes
    /// Valid JSON so far, but its first byte says that it is no object.
    case notAnObject
    /// A text longer than offsets here can say.
    case tooLong
  }

  public var reason: Reason
  /// Bytes before the first one that is wrong; the length of the text where it ends too early.
  public var offset: UInt32

  @inlinable
  public init(_ reason: Reason, at offset: Int) {
    self.reason = reason
    self.offset = UInt32(clamping: offset)
  }

  /// What is wrong, for the person who sent the text; the offset is to be added.
  public var sentence: StaticString {
    switch reason {
    case .unexpectedEnd: "The JSON text ends too early."
    case .unexpectedByte: "The JSON text has a character where none or another one belongs."
    case .literalInvalid: "Only true, false and null may be written without quotes."
    case .numberInvalid: "A number is not written as JSON asks."
    case .controlCharacter: "A string contains a control character that is not escaped."
    case .escapeInvalid: "A string contains an escape sequence that JSON does not have."
    case .surrogateUnpaired: "A string contains half of a surrogate pair."
    case .utf8Invalid: "The text is not valid UTF-8."
    case .depthExceeded: "Arrays and objects are nested too deeply."
    case .trailingBytes: "Something follows the end of the JSON value."
    case .notAnObject: "The body is not a JSON object."
    case .tooLong: "The JSON text is too long."
    }
  }
}

/// The bounds of a text that is scanned.
public enum JSONLimits {
  /// How many arrays and objects may be open at once.
  public static var depthMax: Int { 128 }
}
