// SPDX-License-Identifier: MIT

public import Bytes

/// Where the frames of one direction of a WebSocket begin and end (RFC 6455 section 5.2), so that
/// whoever passes the bytes on knows whether a frame of its own may stand next. It looks at nothing
/// but the heads of frames, and may be given pieces cut anywhere.
public struct WebSocketFrames: Equatable, Sendable {
  /// Bytes of the frame's head that are still to come before its length is known; 0 within payload.
  private var headCount = 0
  private var head: UInt32 = 0
  private var lengthBytes = 0
  private var length: UInt64 = 0
  private var remaining: UInt64 = 0
  /// A Close frame has passed: nothing may follow it.
  public private(set) var hasClosed = false

  public init() {}

  /// Whether the next byte begins a frame.
  public var isBetweenFrames: Bool { headCount == 0 && lengthBytes == 0 && remaining == 0 }

  public mutating func scan(_ bytes: ByteView) {
    var index = 0
    while index < bytes.count {
      if remaining > 0 {
        let step = min(remaining, UInt64(bytes.count - index))
        remaining -= step
        index += Int(step)
        continue
      }
      take(bytes[index])
      index += 1
    }
  }

  private mutating func take(_ byte: UInt8) {
    if lengthBytes > 0 {
      length = length << 8 | UInt64(byte)
      lengthBytes -= 1
      if lengthBytes == 0 { beginPayload() }
    } else if headCount == 0 {
      head = UInt32(byte)
      headCount = 1
      if byte & 0x0f == 8 { hasClosed = true }
    } else {
      head = head << 8 | UInt32(byte)
      headCount = 0
      length = 0
      switch byte & 0x7f {
      case 126: lengthBytes = 2
      case 127: lengthBytes = 8
      default:
        length = UInt64(byte & 0x7f)
        beginPayload()
      }
    }
  }

  /// The length is known; a masked frame has four bytes of mask before its payload.
  private mutating func beginPayload() {
    let mask: UInt64 = head & 0x80 != 0 ? 4 : 0
    let (sum, overflows) = length.addingReportingOverflow(mask)
    remaining = overflows ? .max : sum
  }
}
