// SPDX-License-Identifier: MIT

/// One source text with its name and the table of its lines.
public struct SourceFile: Sendable {
  /// The name shown to people: a path, `<stdin>`, `<request>`.
  public let name: String
  /// The text as it was read.
  public let text: String
  /// Byte offset of the first byte of each line; never empty.
  public let lineStarts: [UInt32]

  /// Indexes the lines of `text`. A line ends behind `\n`.
  public init(name: String, text: String) {
    self.name = name
    self.text = text
    var starts: [UInt32] = [0]
    var offset: UInt32 = 0
    for byte in text.utf8 {
      offset &+= 1
      if byte == UInt8(ascii: "\n") { starts.append(offset) }
    }
    lineStarts = starts
  }

  /// Line and column of a byte offset, both from 1. The column counts Unicode scalars, as editors
  /// and SARIF viewers do. Offsets behind the end give the position behind the last byte.
  public func position(of offset: Int) -> (line: Int, column: Int) {
    let line = lineIndex(of: offset)
    let start = Int(lineStarts[line])
    let utf8 = text.utf8
    let stop = min(offset, utf8.count)
    guard stop > start else { return (line + 1, 1) }
    let from = utf8.index(utf8.startIndex, offsetBy: start)
    let to = utf8.index(from, offsetBy: stop - start)
    // A continuation byte (0b10xxxxxx) does not start a scalar.
    let scalars = utf8[from..<to].reduce(0) { $0 + ($1 & 0xC0 != 0x80 ? 1 : 0) }
    return (line + 1, scalars + 1)
  }

  /// The text of a line (from 1) without its line end.
  public func line(_ number: Int) -> String {
    guard number >= 1, number <= lineStarts.count else { return "" }
    let utf8 = text.utf8
    let start = Int(lineStarts[number - 1])
    var stop = number < lineStarts.count ? Int(lineStarts[number]) - 1 : utf8.count
    let from = utf8.index(utf8.startIndex, offsetBy: start)
    if stop > start {
      let last = utf8.index(utf8.startIndex, offsetBy: stop - 1)
      if utf8[last] == UInt8(ascii: "\r") { stop -= 1 }
    }
    return String(decoding: utf8[from..<utf8.index(from, offsetBy: stop - start)], as: UTF8.self)
  }

  /// The text that a span covers; clamped to the file.
  public func text(of span: SourceSpan) -> String {
    let utf8 = text.utf8
    let start = min(Int(span.start), utf8.count)
    let stop = min(max(start, Int(span.end)), utf8.count)
    let from = utf8.index(utf8.startIndex, offsetBy: start)
    return String(decoding: utf8[from..<utf8.index(from, offsetBy: stop - start)], as: UTF8.self)
  }

  private func lineIndex(of offset: Int) -> Int {
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if Int(lineStarts[middle]) <= offset { low = middle } else { high = middle }
    }
    return low
  }
}

/// The files that diagnostics refer to by number.
public struct SourceFiles: Sendable {
  /// The files; a span's `file` is an index into them.
  public private(set) var files: [SourceFile]

  /// Most files one collection can hold: a span keeps the number in 16 bits.
  public static let countMax = Int(UInt16.max)

  /// A collection of the given files, numbered in order.
  public init(_ files: [SourceFile] = []) {
    self.files = files
  }

  /// Adds a file and returns its number, or nil when `countMax` files are held already.
  public mutating func add(name: String, text: String) -> UInt16? {
    guard files.count < Self.countMax else { return nil }
    files.append(SourceFile(name: name, text: text))
    return UInt16(files.count - 1)
  }

  /// The file a span lies in, or nil when its number is not held.
  public func file(of span: SourceSpan) -> SourceFile? {
    Int(span.file) < files.count ? files[Int(span.file)] : nil
  }
}
