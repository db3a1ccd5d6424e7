// SPDX-License-Identifier: MIT

public import Bytes

/// Where some texts stand in a whole `multipart/form-data` body; files are passed over.
public struct FormFields: Sendable {
  /// Ranges of contents, relative to the body; nil for a field that does not occur.
  public var model: ByteRange?
  public var stream: ByteRange?
  public var count: ByteRange?
  /// A field occurs twice, or its content is a file: readers may differ about it.
  public var ambiguous: StaticString?
  /// Bytes of all files.
  public var fileBytes = 0

  public enum Failure: Error {
    /// The value of Content-Type names no boundary that is one.
    case boundary
    case malformed(MultipartError)
    /// The body ends before its close delimiter.
    case cut
  }

  /// - Parameter contentType: the field's value, beginning with `multipart/form-data`.
  public init(contentType: ByteView, body: ByteView) throws(Failure) {
    guard var scanner = Self.scanner(contentType) else { throw .boundary }
    var offset = 0
    var part: MultipartPart?
    var start = 0
    while true {
      let before = offset
      switch scanner.next(in: body, offset: &offset) {
      case .part(let found):
        part = found
        start = offset
      case .data(let bytes): if part?.hasFileName == true { fileBytes += bytes.count }
      case .delimiter:
        if let part { note(part, ByteRange(start, before)) }
        part = nil
      case .complete: return
      case .needMore:
        guard scanner.isClosed(by: body.dropFirst(offset)) else { throw .cut }
        if let part { note(part, ByteRange(start, offset)) }
        return
      case .failure(let error): throw .malformed(error)
      }
    }
  }

  private static func scanner(_ contentType: ByteView) -> MultipartScanner? {
    var parameters = HeaderParameters(contentType)
    var boundary: ByteView?
    while true {
      switch parameters.next() {
      case .malformed: return nil
      case .end: return boundary.flatMap { MultipartScanner(boundary: $0) }
      case .parameter(let key, let value):
        guard key.equalsIgnoringCase("boundary") else { continue }
        guard boundary == nil else { return nil }
        boundary = value
      }
    }
  }

  private mutating func note(_ part: MultipartPart, _ range: ByteRange) {
    if part.name.equals("model") {
      if model != nil || part.hasFileName { ambiguous = "model" }
      model = range
    } else if part.name.equals("stream") {
      if stream != nil || part.hasFileName { ambiguous = "stream" }
      stream = range
    } else if part.name.equals("n") {
      if count != nil || part.hasFileName { ambiguous = "n" }
      count = range
    }
  }
}
