// SPDX-License-Identifier: MIT

/// A half-open run of UTF-8 bytes `[start, end)` in one source file.
///
/// Offsets count bytes, never characters, so that a span costs nothing to make and can be cut out
/// of the file without decoding. The `file` number is chosen by whoever parses several files and
/// is handed to `SourceFiles` when a diagnostic is shown.
public struct SourceSpan: Sendable, Hashable {
  /// Offset of the first byte.
  public let start: UInt32
  /// Offset behind the last byte; equal to `start` for an empty span.
  public let end: UInt32
  /// Number of the file in the `SourceFiles` it belongs to.
  public let file: UInt16

  /// Makes a span; `end` is raised to `start` when it lies before it.
  public init(start: Int, end: Int, file: UInt16 = 0) {
    self.start = UInt32(clamping: start)
    self.end = UInt32(clamping: max(start, end))
    self.file = file
  }

  /// Number of bytes covered.
  public var count: Int { Int(end) - Int(start) }

  /// The smallest span that covers both; the file of the receiver wins.
  public func union(_ other: SourceSpan) -> SourceSpan {
    SourceSpan(
      start: Int(min(start, other.start)), end: Int(max(end, other.end)), file: file)
  }

  /// The empty span at the first byte of file 0, for nodes that no source text stands behind
  /// (made by a program or read from JSON).
  public static let none = SourceSpan(start: 0, end: 0)
}
