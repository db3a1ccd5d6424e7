// SPDX-License-Identifier: MIT

public import Accounts
public import ModelCatalog
public import Routing

/// A checked configuration: plain values, every variable replaced, every name known.
public struct GatewayConfiguration: Sendable {
  public var listeners: [ListenerConfiguration] = ListenerConfiguration.standard
  /// Worker threads; 0 is one per core.
  public var workerCount: Int = 0
  public var limits = Limits()
  public var timeouts = Timeouts()
  public var retries = RetrySettings()
  /// What a provider's API does not have is answered with a 400 instead of being dropped.
  public var refusesUnsupportedParameters = false
  public var circuit = CircuitSettings()
  /// How long a stream is silent before its client gets a sign of life; 0 for ever.
  public var keepAliveMilliseconds: Int64 = 0
  public var keys: [KeyDescription] = []
  public var policies = PolicyConfiguration()
  public var logging = LoggingConfiguration()
  public var telemetry = TelemetryConfiguration()
  public var catalog = CatalogDescription()
  /// Every file that was read: what to watch for changes.
  public var files: [String] = []

  public init() {}

  /// Serves the LLM API on this one port of the loopback interface and nothing else: what
  /// `gateway serve --port` means.
  public mutating func serveOnly(port: UInt16) {
    listeners = [ListenerConfiguration(role: .languageModels, host: "127.0.0.1", port: port)]
  }
}

/// An address to listen on.
public struct ListenerConfiguration: Hashable, Sendable {
  public enum Role: String, CaseIterable, Sendable {
    /// The LLM API.
    case languageModels = "llm"
    /// The policy router's API.
    case policy
  }

  public var role: Role
  public var host: String
  public var port: UInt16
  /// Paths of PEM files; nil serves plain text.
  public var tls: TLSFiles?

  public init(role: Role, host: String, port: UInt16, tls: TLSFiles? = nil) {
    self.role = role
    self.host = host
    self.port = port
    self.tls = tls
  }

  /// Where the gateway listens when the configuration does not say.
  public static let standard = [
    ListenerConfiguration(role: .languageModels, host: "127.0.0.1", port: 9000),
    ListenerConfiguration(role: .policy, host: "127.0.0.1", port: 8084),
  ]
}

/// A certificate chain and its key, as paths of PEM files.
public struct TLSFiles: Hashable, Sendable {
  public var certificate: String
  public var key: String
}

/// Where the policies are.
public struct PolicyConfiguration: Hashable, Sendable {
  /// Files, or folders whose `*.cedar` files are read in order of name. Empty: every model is
  /// permitted to every caller.
  public var paths: [String] = []
  public var schemaPath: String?
  /// Whether a change of these files reloads them.
  public var isWatched = true
  /// Whether the tests beside the policies must pass before the policies hold.
  public var runsTests = true

  public init() {}
}

public struct LoggingConfiguration: Hashable, Sendable {
  public enum Level: String, CaseIterable, Sendable {
    case debug, info, warning, error
  }

  public var level = Level.info
  /// Where a line for each request goes; nil where there is no such log.
  public enum AccessLog: Hashable, Sendable {
    case standardOutput
    case standardError
    case file(String)
  }

  public enum AccessLogFormat: String, CaseIterable, Sendable {
    case json, text
  }

  public var accessLog: AccessLog?
  public var accessLogFormat = AccessLogFormat.json
  /// The share of requests that leave a line; those that go wrong always do.
  public var accessLogSampleRatio = 1.0

  public init() {}
}
