// SPDX-License-Identifier: MIT

#if canImport(Glibc)
  internal import Glibc
#endif
internal import Synchronization

/// A value handed from a loop's thread to another that waits for it, with a limit.
public final class LoopAnswer<Value: Sendable>: Sendable {
  private let value = Mutex<Value?>(nil)

  public init() {}

  public func give(_ newValue: Value) { value.withLock { $0 = newValue } }

  /// The value once it is there, or nil after `milliseconds`. Must not be called on the loop that
  /// gives the value.
  public func wait(milliseconds: Int) -> Value? {
    // A turn of a loop takes microseconds: asking again soon is cheaper than a condition variable,
    // and this is nobody's hot path.
    for _ in 0..<(milliseconds * 10) {
      if let found = value.withLock({ $0 }) { return found }
      usleep(100)
    }
    return nil
  }
}
