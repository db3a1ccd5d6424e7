// SPDX-License-Identifier: MIT

public import Routing

/// What the workers are told at start. The limits and timeouts are those of the configuration.
public struct DataPlaneSettings: Sendable {
  public var limits = Limits()
  public var timeouts = Timeouts()
  public var retries = RetrySettings()
  public var circuit = CircuitSettings()
  /// A whole answer up to this size is checked before its first byte goes to the client; a larger
  /// one is relayed as it comes.
  public var bufferedResponseBytesMaximum = 4 << 20

  /// An answer that has to be translated is gathered whole, up to this size.
  public var translatedResponseBytesMaximum = 64 << 20
  /// Parameters that a provider does not have are answered with a 400 instead of being dropped.
  public var refusesUnsupportedParameters = false
  /// How long a stream is silent before its client gets a sign of life, unless a policy says
  /// otherwise; 0 for ever.
  public var keepAliveMilliseconds: Int64 = 0

  public init() {}
}
