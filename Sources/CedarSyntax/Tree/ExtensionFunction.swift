// SPDX-License-Identifier: MIT

/// Functions and methods of the extension types `ipaddr`, `decimal`, `datetime` and `duration`.
public enum ExtensionFunction: String, Sendable, CaseIterable {
  case ip
  case isIpv4
  case isIpv6
  case isLoopback
  case isMulticast
  case isInRange

  case decimal
  case lessThan
  case lessThanOrEqual
  case greaterThan
  case greaterThanOrEqual

  case datetime
  case offset
  case durationSince
  case toDate
  case toTime

  case duration
  case toMilliseconds
  case toSeconds
  case toMinutes
  case toHours
  case toDays

  /// Whether it is called `name(…)`; the others are called `receiver.name(…)`.
  public var isConstructor: Bool {
    switch self {
    case .ip, .decimal, .datetime, .duration: true
    default: false
    }
  }

  /// Arguments it takes, the receiver of a method included.
  public var argumentCount: Int {
    switch self {
    case .isInRange, .lessThan, .lessThanOrEqual, .greaterThan, .greaterThanOrEqual, .offset,
      .durationSince:
      2
    default: 1
    }
  }
}
