// SPDX-License-Identifier: MIT

/// Bounds what a peer may make an HTTP/2 connection do for nothing: frames that carry no message
/// (PING, SETTINGS, PRIORITY, empty DATA, …) and streams that are opened to be reset at once
/// ("rapid reset"). Two buckets of tokens, filled by time; an empty one ends the connection with
/// ENHANCE_YOUR_CALM (RFC 9113 section 10.5).
public struct HTTP2FloodBudget: Equatable, Sendable {
  /// Frames at once, and per second after that.
  public static var controlFramesBurst: Int64 { 2_000 }
  public static var controlFramesPerSecond: Int64 { 500 }
  /// Resets at once, and per second after that: a person who cancels, a process that ends.
  public static var resetsBurst: Int64 { 500 }
  public static var resetsPerSecond: Int64 { 50 }

  private var controlFrames = Self.controlFramesBurst
  private var resets = Self.resetsBurst
  private var filledMilliseconds: UInt64

  public init(nowMilliseconds: UInt64) { filledMilliseconds = nowMilliseconds }

  /// A frame without use came in; false when it is one too many.
  public mutating func takeControlFrame(nowMilliseconds: UInt64) -> Bool {
    fill(nowMilliseconds)
    controlFrames -= 1
    return controlFrames >= 0
  }

  /// A frame with bytes of a message went either way: its window updates and pings are no flood.
  public mutating func noteData() {
    controlFrames = min(Self.controlFramesBurst, controlFrames + 2)
  }

  /// The peer reset a stream of its own; false when it is one too many.
  public mutating func takeReset(nowMilliseconds: UInt64) -> Bool {
    fill(nowMilliseconds)
    resets -= 1
    return resets >= 0
  }

  private mutating func fill(_ now: UInt64) {
    // Whole fifths of a second, so that no fraction of a token is lost.
    let fifths = Int64(min(now &- min(filledMilliseconds, now), 600_000)) / 200
    guard fifths > 0 else { return }
    filledMilliseconds = now
    controlFrames = min(
      Self.controlFramesBurst, controlFrames + fifths * Self.controlFramesPerSecond / 5)
    resets = min(Self.resetsBurst, resets + fifths * Self.resetsPerSecond / 5)
  }
}
