// SPDX-License-Identifier: MIT

public import Telemetry

/// Where telemetry goes and how.
public struct ExportSettings: Sendable {
  /// Whole URLs of the two signals; nil where one is not exported.
  public var tracesURL: String?
  public var metricsURL: String?
  public var encoding = OTLPEncoding.protobuf
  public var compresses = true
  public var headers: [(name: String, value: String)] = []
  public var timeoutMilliseconds = 10_000
  public var limits = ExportLimits()
  public var metricsIntervalMilliseconds = 60_000
  public var origin: OTLPOrigin

  public init(origin: OTLPOrigin) { self.origin = origin }
}
