// SPDX-License-Identifier: MIT

public import Bytes

/// The bounds of what a chunked body may carry besides its data.
@frozen
public struct ChunkedLimits: Sendable {
  /// Extensions of one chunk, which are passed over.
  public var extensionBytesMax: UInt32
  /// All trailer lines together, which are checked and dropped.
  public var trailerBytesMax: UInt32

  @inlinable
  public init(extensionBytesMax: UInt32 = 1_024, trailerBytesMax: UInt32 = 8_192) {
    self.extensionBytesMax = extensionBytesMax
    self.trailerBytesMax = trailerBytesMax
  }
}

/// What the next bytes of a chunked body are.
@frozen
public enum ChunkedEvent: Sendable {
  /// Data of the body, in place in the piece given.
  case payload(ByteView)
  /// The piece is used up; the body is not complete.
  case needMore
  /// The body, trailers included, ends at the offset reached; the next message starts there.
  case complete
  /// The framing is broken; nothing after it can be believed.
  case failure(WireError)
}

/// Decodes the chunked transfer coding (RFC 9112 section 7.1) from pieces split anywhere.
///
/// Strict: CRLF only, sizes of at most 15 hexadecimal digits (so no overflow), no white space
/// around the size except the "bad white space" before an extension that the grammar still names,
/// trailers with token names and clean values. 16 bytes of state, no copy of data.
@frozen
public struct ChunkedDecoder: Sendable {
  /// Where in the grammar the next byte stands. Transitions go to the states named.
  @usableFromInline
  enum State: UInt8, Sendable {
    /// First digit of a size → `sizeDigits`.
    case sizeStart
    /// Further digits → itself, `sizeBlank`, `chunkExtension`, `sizeLineFeed`.
    case sizeDigits
    /// White space after the size → itself, `chunkExtension`.
    case sizeBlank
    /// Anything up to CR → itself, `sizeLineFeed`.
    case chunkExtension
    /// LF → `data`, or `trailerStart` after size 0.
    case sizeLineFeed
    /// So many bytes of data → itself, `dataReturn`.
    case data
    /// CR → `dataLineFeed`.
    case dataReturn
    /// LF → `sizeStart`.
    case dataLineFeed
    /// CR → `endLineFeed`, a tchar → `trailerName`.
    case trailerStart
    /// tchars up to the colon → itself, `trailerValue`.
    case trailerName
    /// A value up to CR → itself, `trailerLineFeed`.
    case trailerValue
    /// LF → `trailerStart`.
    case trailerLineFeed
    /// LF → `complete`.
    case endLineFeed
    /// Nothing more is read.
    case complete
    /// Nothing more is read; `error` says why.
    case failed
  }

  /// The size being read, then the bytes of the chunk that are still to come.
  @usableFromInline var remaining: UInt64
  @usableFromInline var overhead: UInt32
  @usableFromInline var digits: UInt8
  @usableFromInline var state: State
  @usableFromInline var error: WireError

  @inlinable
  public init() {
    remaining = 0
    overhead = 0
    digits = 0
    state = .sizeStart
    error = .chunkSizeInvalid
  }

  /// Whether the last chunk and the trailers have been read.
  @inlinable
  public var isComplete: Bool { state == .complete }

  /// The data of `piece` where that is a chunk and nothing else, its end included, and one begins
  /// with it: the decoder then stands as it did before. Nil otherwise, and nothing is read.
  @inlinable @inline(__always)
  public func wholeChunk(in piece: ByteView) -> ByteView? {
    guard state == .sizeStart else { return nil }
    var start = 0
    var size = 0
    // Seven digits are more than a read ever holds.
    while start < 7, start < piece.count, let digit = hexadecimalDigit(piece[start]) {
      size = size << 4 | Int(truncatingIfNeeded: digit)
      start &+= 1
    }
    let end = start &+ 2 &+ size
    guard size > 0, end &+ 2 == piece.count, piece[start] == 0x0d, piece[start &+ 1] == 0x0a,
      piece[end] == 0x0d, piece[end &+ 1] == 0x0a
    else { return nil }
    return piece[(start &+ 2)..<end]
  }

  /// Reads on in `piece` at `offset`, which moves past what was read. To be called until it answers
  /// anything but `payload`.
  public mutating func next(
    in piece: ByteView, offset: inout Int, limits: ChunkedLimits = ChunkedLimits()
  ) -> ChunkedEvent {
    precondition(offset >= 0 && offset <= piece.count)
    while true {
      if state == .complete { return .complete }
      if state == .failed { return .failure(error) }
      if offset == piece.count { return .needMore }
      if state == .data {
        let length = min(remaining, UInt64(piece.count &- offset))
        let payload = piece[offset..<(offset &+ Int(length))]
        offset &+= Int(length)
        remaining &-= length
        if remaining == 0 { endData(in: piece, &offset) }
        return .payload(payload)
      }
      if state == .sizeStart && plainSizeLine(in: piece, &offset) { continue }
      let byte = piece[offset]
      offset &+= 1
      if state.rawValue < State.data.rawValue {
        sizeLine(byte, limits)
      } else if state.rawValue < State.trailerStart.rawValue {
        afterData(byte)
      } else {
        trailers(byte, limits)
      }
    }
  }

  @inline(__always)
  private mutating func fail(_ reason: WireError) {
    state = .failed
    error = reason
  }

  /// Reads a whole size line as nearly every sender writes it, digits and CRLF, where all of it is
  /// there. Anything else is left to the states, byte by byte.
  @inline(__always)
  private mutating func plainSizeLine(in piece: ByteView, _ offset: inout Int) -> Bool {
    var index = offset
    var size: UInt64 = 0
    while index < piece.count, let digit = hexadecimalDigit(piece[index]) {
      size = size << 4 | digit
      index &+= 1
    }
    guard index > offset, index &- offset <= 15, size > 0, index &+ 1 < piece.count,
      piece[index] == 0x0d, piece[index &+ 1] == 0x0a
    else { return false }
    remaining = size
    digits = UInt8(truncatingIfNeeded: index &- offset)
    overhead = 0
    state = .data
    offset = index &+ 2
    return true
  }

  /// The data of a chunk ends at `offset`: its CRLF is passed over where it is there already.
  @inline(__always)
  private mutating func endData(in piece: ByteView, _ offset: inout Int) {
    if offset &+ 1 < piece.count && piece[offset] == 0x0d && piece[offset &+ 1] == 0x0a {
      offset &+= 2
      state = .sizeStart
    } else {
      state = .dataReturn
    }
  }

  @inline(__always)
  private mutating func sizeLine(_ byte: UInt8, _ limits: ChunkedLimits) {
    switch state {
    case .sizeStart, .sizeDigits:
      if let digit = hexadecimalDigit(byte) {
        digits = state == .sizeStart ? 1 : digits &+ 1
        guard digits <= 15 else { return fail(.chunkSizeTooLarge) }
        remaining = state == .sizeStart ? digit : remaining << 4 | digit
        state = .sizeDigits
        return
      }
      guard state == .sizeDigits else { return fail(.chunkSizeInvalid) }
      overhead = 1
      afterSize(byte)
    case .sizeBlank:
      // White space alone before CRLF is in no grammar; only an extension may follow it.
      guard byte != 0x0d else { return fail(.chunkSizeInvalid) }
      extensionByte(limits)
      if state == .sizeBlank { afterSize(byte) }
    case .chunkExtension:
      if byte == 0x0d {
        state = .sizeLineFeed
      } else if (byte < 0x20 && byte != 0x09) || byte == 0x7f {
        fail(.chunkSizeInvalid)
      } else {
        extensionByte(limits)
      }
    default:
      guard byte == 0x0a else { return fail(.chunkSizeInvalid) }
      overhead = 0
      state = remaining == 0 ? .trailerStart : .data
    }
  }

  private mutating func extensionByte(_ limits: ChunkedLimits) {
    overhead &+= 1
    if overhead > limits.extensionBytesMax { fail(.chunkExtensionTooLong) }
  }

  @inline(__always)
  private mutating func afterSize(_ byte: UInt8) {
    switch byte {
    case 0x0d: state = .sizeLineFeed
    case 0x3b: state = .chunkExtension
    case 0x20, 0x09: state = .sizeBlank
    default: fail(.chunkSizeInvalid)
    }
  }

  @inline(__always)
  private mutating func afterData(_ byte: UInt8) {
    if state == .dataReturn {
      guard byte == 0x0d else { return fail(.chunkTerminatorMissing) }
      state = .dataLineFeed
    } else {
      guard byte == 0x0a else { return fail(.chunkTerminatorMissing) }
      state = .sizeStart
    }
  }

  private mutating func trailers(_ byte: UInt8, _ limits: ChunkedLimits) {
    overhead &+= 1
    if overhead > limits.trailerBytesMax && state != .endLineFeed && byte != 0x0d {
      return fail(.trailersTooLarge)
    }
    switch state {
    case .trailerStart:
      if byte == 0x0d {
        state = .endLineFeed
      } else if ByteSet.token.contains(byte) {
        state = .trailerName
      } else {
        fail(.trailerInvalid)
      }
    case .trailerName:
      if byte == 0x3a {
        state = .trailerValue
      } else if !ByteSet.token.contains(byte) {
        fail(.trailerInvalid)
      }
    case .trailerValue:
      if byte == 0x0d {
        state = .trailerLineFeed
      } else if (byte < 0x20 && byte != 0x09) || byte == 0x7f {
        fail(.trailerInvalid)
      }
    case .trailerLineFeed:
      byte == 0x0a ? state = .trailerStart : fail(.trailerInvalid)
    default:
      byte == 0x0a ? state = .complete : fail(.trailerInvalid)
    }
  }
}

@inlinable @inline(__always)
func hexadecimalDigit(_ byte: UInt8) -> UInt64? {
  let digit = byte &- 0x30
  if digit < 10 { return UInt64(digit) }
  let letter = (byte | 0x20) &- 0x61
  return letter < 6 ? UInt64(letter &+ 10) : nil
}
