// SPDX-License-Identifier: MIT

internal import FoundationEssentials

extension JSONValue: Decodable {
  public init(from decoder: any Decoder) throws {
    // Strings first: they are most of a document, and each wrong guess costs a thrown error.
    if let container = try? decoder.container(keyedBy: AnyName.self) {
      let names = container.allKeys.sorted { $0.stringValue < $1.stringValue }
      self = .object(
        try names.map { Member($0.stringValue, try container.decode(JSONValue.self, forKey: $0)) })
      return
    }
    let single = try decoder.singleValueContainer()
    if let text = try? single.decode(String.self) {
      self = .string(text)
    } else if single.decodeNil() {
      self = .null
    } else if let value = try? single.decode(Bool.self) {
      self = .boolean(value)
    } else if let value = try? single.decode(Int64.self) {
      self = .integer(value)
    } else if let value = try? single.decode(Double.self) {
      self = Self.digits(single, value) ?? .number(value)
    } else {
      self = .array(try single.decode([JSONValue].self))
    }
  }

  /// A whole number beyond 64 bits, up to the 38 digits that Foundation's reader keeps.
  private static func digits(_ single: any SingleValueDecodingContainer, _ value: Double) -> Self? {
    guard abs(value) > 0x1p62, abs(value) < 1e37, let exact = try? single.decode(Decimal.self)
    else { return nil }
    let text = exact.description
    return text.contains(".") ? nil : .digits(text)
  }

  private struct AnyName: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// Text that is not one JSON document.
  public struct SyntaxError: Error, Sendable, Equatable {
    /// One sentence, lower case, for a 400's message.
    public let message: String
  }

  /// Reads one JSON document (RFC 8259, UTF-8).
  /// - Throws: ``SyntaxError`` when the text is not JSON or is nested deeper than the reader's
  ///   limit (512 levels).
  public init(parsing bytes: [UInt8]) throws(SyntaxError) {
    do {
      self = try JSONDecoder().decode(JSONValue.self, from: Data(bytes))
    } catch DecodingError.dataCorrupted(let context) {
      throw SyntaxError(message: Self.describe(context))
    } catch {
      throw SyntaxError(message: "the body is not valid JSON")
    }
  }

  private static func describe(_ context: DecodingError.Context) -> String {
    if let cause = context.underlyingError as? CocoaError,
      let detail = cause.userInfo["NSDebugDescription"] as? String
    {
      return "the body is not valid JSON: \(detail)"
    }
    return "the body is not valid JSON"
  }
}
