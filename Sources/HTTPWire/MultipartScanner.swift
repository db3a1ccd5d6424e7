// SPDX-License-Identifier: MIT

public import Bytes

/// The name and file name of a part of a form, as views into the bytes that were scanned.
public struct MultipartPart: Sendable {
  /// As it was sent; without backslashes, so that no reader can take it for another.
  public var name: ByteView
  public var hasFileName: Bool
}

/// Why bytes are no form.
public enum MultipartError: UInt8, Error, Sendable {
  case headTooLarge
  /// A line of a part's head is none, or has a bare CR, LF or NUL.
  case malformedHead
  /// No `Content-Disposition: form-data` with exactly one plain `name`.
  case malformedDisposition
  /// Too many bytes before the first part.
  case preambleTooLong
  case tooManyParts

  public var sentence: StaticString {
    switch self {
    case .headTooLarge: "the head of a part is larger than 8192 bytes"
    case .malformedHead: "the head of a part is malformed"
    case .malformedDisposition: "a part has no 'Content-Disposition: form-data' with one name"
    case .preambleTooLong: "it does not begin with its boundary"
    case .tooManyParts: "it has more than 1000 parts"
    }
  }
}

/// Reads `multipart/form-data` (RFC 7578, RFC 2046 section 5.1) piece by piece: bytes in, events
/// out, nothing copied. Feeds of any division give the same events, but for where data is divided.
///
/// - `start` → `head` after the first delimiter, `over` after a close delimiter
/// - `head` → `data` after the empty line
/// - `data` → `head` after a delimiter, `over` after a close delimiter
/// - `over` and `failed` stay as they are; what follows the close delimiter is ignored.
public struct MultipartScanner: Sendable {
  public enum Event {
    case part(MultipartPart)
    /// Bytes of the part's content.
    case data(ByteView)
    /// A delimiter has been read: the content before it, if there was any, has ended.
    case delimiter
    case complete
    /// The bytes from `offset` on are to be given again, with more behind them.
    case needMore
    case failure(MultipartError)
  }

  private enum State: UInt8 {
    case start
    case head
    case data
    case over
    case failed
  }

  public static let boundaryBytesMaximum = 70
  static let headBytesMaximum = 8_192
  static let preambleBytesMaximum = 65_536
  static let partsMaximum = 1_000
  /// Spaces after a delimiter ("transport padding").
  static let paddingBytesMaximum = 256

  private var state = State.start
  private var error = MultipartError.malformedHead
  /// CR LF, two hyphens, the boundary.
  private var delimiter = InlineArray<74, UInt8>(repeating: 0)
  private let delimiterCount: Int
  private var partCount = 0
  /// Nothing before the bytes given has been read: a delimiter may stand without its CR LF.
  private var isAtStart = true
  private var preambleCount = 0

  /// Nil unless `boundary` is one: 1 to 70 characters of `bchars`, the last no space.
  public init?(boundary: ByteView) {
    guard boundary.count > 0, boundary.count <= Self.boundaryBytesMaximum,
      boundary[boundary.count - 1] != 0x20
    else { return nil }
    let start: InlineArray<4, UInt8> = [0x0d, 0x0a, 0x2d, 0x2d]
    for index in 0..<4 { delimiter[index] = start[index] }
    for index in 0..<boundary.count {
      guard Self.isBoundaryCharacter(boundary[index]) else { return nil }
      delimiter[4 + index] = boundary[index]
    }
    delimiterCount = 4 + boundary.count
  }

  private static func isBoundaryCharacter(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
    // ' ( ) + _ , - . / : = ? and space
    case 0x27, 0x28, 0x29, 0x2b, 0x5f, 0x2c, 0x2d, 0x2e, 0x2f, 0x3a, 0x3d, 0x3f, 0x20: true
    default: false
    }
  }

  /// The next event.
  ///
  /// - Parameters:
  ///   - bytes: from `offset` on what has not been read yet.
  ///   - offset: moved behind what the event stands for.
  public mutating func next(in bytes: ByteView, offset: inout Int) -> Event {
    switch state {
    case .start: return findFirst(bytes, &offset)
    case .head: return readHead(bytes, &offset)
    case .data: return readData(bytes, &offset)
    case .over: return .complete
    case .failed: return .failure(error)
    }
  }

  /// Whether what is left of a body that has come to its end is a close delimiter: its line need
  /// not end.
  public func isClosed(by rest: ByteView) -> Bool {
    let skipped = isAtStart && state == .start ? 2 : 0
    let count = delimiterCount - skipped
    guard state == .start || state == .data, rest.count >= count + 2 else { return false }
    for index in 0..<count where rest[index] != delimiter[skipped + index] { return false }
    for index in count..<rest.count {
      let byte = rest[index]
      let isExpected = index < count + 2 ? byte == 0x2d : byte == 0x20 || byte == 0x09
      if !isExpected { return false }
    }
    return true
  }

  mutating func beginData() { state = .data }

  mutating func fail(_ error: MultipartError) -> Event {
    state = .failed
    self.error = error
    return .failure(error)
  }

  // MARK: Delimiters

  private enum Match {
    /// A delimiter ends at this index.
    case part(end: Int)
    case close(end: Int)
    case none
    /// The bytes end within what may be one.
    case unknown
  }

  /// What stands at `index`.
  ///
  /// - Parameter skipped: bytes of the delimiter that need not be there: its CR LF at the start.
  private func match(_ bytes: ByteView, at index: Int, skipping skipped: Int = 0) -> Match {
    var position = index
    for place in skipped..<delimiterCount {
      guard position < bytes.count else { return .unknown }
      guard bytes[position] == delimiter[place] else { return .none }
      position += 1
    }
    guard position < bytes.count else { return .unknown }
    var isClose = false
    if bytes[position] == 0x2d {
      guard position + 1 < bytes.count else { return .unknown }
      guard bytes[position + 1] == 0x2d else { return .none }
      isClose = true
      position += 2
    }
    let limit = position + Self.paddingBytesMaximum
    while position < bytes.count, bytes[position] == 0x20 || bytes[position] == 0x09 {
      guard position < limit else { return .none }
      position += 1
    }
    guard position < bytes.count else { return .unknown }
    guard bytes[position] == 0x0d else { return .none }
    guard position + 1 < bytes.count else { return .unknown }
    guard bytes[position + 1] == 0x0a else { return .none }
    return isClose ? .close(end: position + 2) : .part(end: position + 2)
  }

  /// Moves to the first delimiter; what is before it is a preamble that nobody reads.
  private mutating func findFirst(_ bytes: ByteView, _ offset: inout Int) -> Event {
    if isAtStart {
      switch match(bytes, at: offset, skipping: 2) {
      case .unknown: return .needMore
      case .part(let end): return begin(end, &offset)
      case .close(let end): return close(end, &offset)
      case .none: isAtStart = false
      }
    }
    while true {
      let found = bytes.firstIndex(of: 0x0d, from: offset) ?? bytes.count
      preambleCount += found - offset
      offset = found
      guard preambleCount <= Self.preambleBytesMaximum else { return fail(.preambleTooLong) }
      guard found < bytes.count else { return .needMore }
      switch match(bytes, at: found) {
      case .unknown: return .needMore
      case .part(let end): return begin(end, &offset)
      case .close(let end): return close(end, &offset)
      case .none:
        offset = found + 1
        preambleCount += 1
      }
    }
  }

  private mutating func begin(_ end: Int, _ offset: inout Int) -> Event {
    offset = end
    partCount += 1
    guard partCount <= Self.partsMaximum else { return fail(.tooManyParts) }
    state = .head
    return .delimiter
  }

  private mutating func close(_ end: Int, _ offset: inout Int) -> Event {
    offset = end
    state = .over
    return .delimiter
  }

  // MARK: Content

  private mutating func readData(_ bytes: ByteView, _ offset: inout Int) -> Event {
    var from = offset
    while let found = bytes.firstIndex(of: 0x0d, from: from) {
      let match = match(bytes, at: found)
      if case .none = match {
        from = found + 1
        continue
      }
      // What is before it goes first.
      if found > offset { return give(bytes, found, &offset) }
      switch match {
      case .part(let end): return begin(end, &offset)
      case .close(let end): return close(end, &offset)
      case .unknown, .none: return .needMore
      }
    }
    return bytes.count > offset ? give(bytes, bytes.count, &offset) : .needMore
  }

  private func give(_ bytes: ByteView, _ end: Int, _ offset: inout Int) -> Event {
    defer { offset = end }
    return .data(bytes[offset..<end])
  }
}
