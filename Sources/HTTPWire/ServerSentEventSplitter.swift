// SPDX-License-Identifier: MIT

public import Bytes

/// Finds where server-sent events end, in pieces split anywhere, for a relay that forwards whole
/// events only. Each byte is given once; nothing is copied or kept.
///
/// An event ends with an empty line; lines end with LF, CRLF or CR, mixed as they please (WHATWG
/// HTML, "Parsing an event stream"). A CR is a line end at once; an LF right after it belongs to
/// it, also in the next piece, where it still counts as part of the event that has ended.
@frozen
public struct ServerSentEventSplitter: Sendable {
  /// Whether no byte of the current line has been seen.
  @usableFromInline var atLineStart: Bool
  /// Whether the last byte was a CR.
  @usableFromInline var afterReturn: Bool
  /// Whether everything so far ends with an empty line (or nothing has come at all).
  public private(set) var atBoundary: Bool

  public init() {
    atLineStart = true
    afterReturn = false
    atBoundary = true
  }

  /// Whether nothing has come of the next event, and no LF can come that belongs to the last one.
  @inlinable @inline(__always)
  public var isBetweenEvents: Bool { atBoundary && !afterReturn }

  /// Whether the piece ends with two LF: then it ends an event, whatever stands before them. The
  /// first of them ends a line, or is the empty line itself, or belongs to a CR before it; in each
  /// case the second is an empty line.
  @inline(__always)
  private func endsWithEmptyLine(_ piece: ByteView) -> Bool {
    piece.count >= 2 && piece[piece.count &- 1] == 0x0a && piece[piece.count &- 2] == 0x0a
  }

  /// The length of the longest prefix of `piece` that ends where an event does; 0 if none does.
  /// What follows is the start of an event that the caller holds back until a later piece ends it.
  public mutating func scan(_ piece: ByteView) -> Int {
    if endsWithEmptyLine(piece) {
      self = ServerSentEventSplitter()
      return piece.count
    }
    var boundary = 0
    var index = 0
    if afterReturn && index < piece.count {
      if piece[0] == 0x0a {
        index = 1
        if atBoundary { boundary = 1 }
      }
      afterReturn = false
    }
    while index < piece.count {
      guard let end = piece.firstIndex(ofEither: 0x0a, 0x0d, from: index) else {
        atLineStart = false
        atBoundary = false
        break
      }
      let isEmptyLine = atLineStart && end == index
      atLineStart = true
      atBoundary = isEmptyLine
      index = end &+ 1
      if piece[end] == 0x0d {
        if index == piece.count {
          afterReturn = true
        } else if piece[index] == 0x0a {
          index &+= 1
        }
      }
      if isEmptyLine { boundary = index }
    }
    return boundary
  }
}
