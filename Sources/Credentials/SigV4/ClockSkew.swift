// SPDX-License-Identifier: MIT

public import Bytes
public import Clocks

/// What to do about a refusal that says that the request's time is wrong.
public enum ClockSkew {
  /// Differences below this are not what a refusal was about.
  public static let minimum = Interval.seconds(1)
  /// How much of an error's body is looked at.
  private static let lookedAtBytesMaximum = 4 << 10

  /// How much AWS's clock is ahead of ours; nil when the answer does not say that the clock is the
  /// matter, or has no date to go by.
  ///
  /// - Parameters:
  ///   - body: the whole body: AWS names the error in it, and the service's words say why.
  ///   - theirs: what the answer's Date field says; nil where it has none.
  ///   - now: our clock, without a correction.
  ///   - applied: the correction that the request was signed with.
  public static func correction(
    status: UInt16, body: ByteView, theirs: Timestamp?, now: Timestamp, applied: Interval
  ) -> Interval? {
    guard status == 400 || status == 401 || status == 403, saysSkew(body),
      let theirs
    else { return nil }
    let difference = theirs - now
    let change = difference.nanoseconds - applied.nanoseconds
    return change.magnitude >= minimum.nanoseconds.magnitude ? difference : nil
  }

  private static func saysSkew(_ body: ByteView) -> Bool {
    let text = body.prefix(lookedAtBytesMaximum)
    return text.firstIndex(of: "Signature expired") != nil
      || text.firstIndex(of: "Signature not yet current") != nil
      || text.firstIndex(of: "RequestTimeTooSkewed") != nil
      || text.firstIndex(of: "RequestExpired") != nil
      || text.firstIndex(of: "RequestInTheFuture") != nil
  }
}
