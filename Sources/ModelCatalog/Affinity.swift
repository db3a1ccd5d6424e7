// SPDX-License-Identifier: MIT

public import Bytes

/// By what requests are kept together, so that a provider's prompt cache is not thrown away.
@frozen
public struct AffinityKeys: OptionSet, Hashable, Sendable {
  public let rawValue: UInt8
  @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// The session that the client names.
  public static let session = AffinityKeys(rawValue: 1)
  /// The beginning of the prompt.
  public static let prefix = AffinityKeys(rawValue: 2)

  /// The names in the configuration.
  public static let named: [(name: String, keys: AffinityKeys)] = [
    ("session", .session), ("prefix", .prefix),
  ]
}

/// Which key a request was kept together by.
@frozen
public enum AffinityKind: UInt8, BitwiseCopyable, Sendable {
  case none
  case session
  case prefix

  public var name: String {
    switch self {
    case .none: "none"
    case .session: "session"
    case .prefix: "prefix"
    }
  }
}

/// Affinity as configured.
public struct AffinityDescription: Hashable, Sendable {
  /// For what has no group with keys of its own.
  public var keys: AffinityKeys = []
  /// The client's header that names the session, in lower case.
  public var header = "x-session-id"
  /// How much of the prompt is its beginning. A shorter prompt has none.
  public var prefixBytes: Int64 = 1_024

  public static let prefixBytesRange: ClosedRange<Int64> = 16...1 << 20

  public init() {}
}

/// Affinity as requests need it. The view lives as long as the catalogue.
@frozen
public struct AffinityRow: BitwiseCopyable, Sendable {
  /// For what has no group with keys of its own.
  public let keys: AffinityKeys
  /// Those of the groups, too: what has to be found out about a request.
  public let used: AffinityKeys
  public let header: ByteView
  public let prefixBytes: Int
}
