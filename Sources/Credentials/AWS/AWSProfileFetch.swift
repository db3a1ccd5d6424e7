// SPDX-License-Identifier: MIT

internal import Clocks
internal import ModelCatalog

/// Keys in the shared files. What else a profile may say (roles, single sign-on, programs) is
/// refused by name instead of being passed over.
struct AWSProfileFetch: CredentialFetch {
  private enum State {
    /// → `readsCredentials`
    case begin
    /// → `readsConfiguration`
    case readsCredentials
    case readsConfiguration
  }

  private static let unsupported = [
    "role_arn", "source_profile", "sso_session", "sso_start_url", "credential_process",
    "login_session",
  ]

  private var state = State.begin
  private let profile: String
  /// The profile was asked for by name: that it is missing is an error then.
  private let isNamed: Bool
  private let credentialsPath: String?
  private let configurationPath: String?
  private var settings: [String: String] = [:]
  private var isKnown = false

  init(profile: String, isNamed: Bool, _ surroundings: Surroundings) {
    self.profile = profile
    self.isNamed = isNamed
    credentialsPath =
      surroundings["AWS_SHARED_CREDENTIALS_FILE"] ?? surroundings.home(".aws/credentials")
    configurationPath = surroundings["AWS_CONFIG_FILE"] ?? surroundings.home(".aws/config")
  }

  mutating func next(_ event: FetchEvent, now: Timestamp) -> FetchStep {
    switch (state, event) {
    case (.begin, .begin):
      state = .readsCredentials
      guard let credentialsPath else { return readConfiguration() }
      return .read(path: credentialsPath)
    case (.readsCredentials, .contents(let bytes)):
      take(bytes)
      return readConfiguration()
    case (.readsCredentials, .unreadable): return readConfiguration()
    case (.readsConfiguration, .contents(let bytes)):
      take(bytes)
      return conclude()
    case (.readsConfiguration, .unreadable): return conclude()
    default: return .failed(.outOfTurn)
    }
  }

  private mutating func readConfiguration() -> FetchStep {
    state = .readsConfiguration
    guard let configurationPath else { return conclude() }
    return .read(path: configurationPath)
  }

  /// Of a setting in both files that of the credentials counts.
  private mutating func take(_ bytes: [UInt8]) {
    guard let text = String(contents: bytes), let found = AWSProfileFile(text)[profile] else {
      return
    }
    isKnown = true
    settings.merge(found) { first, _ in first }
  }

  private func conclude() -> FetchStep {
    if let id = settings["aws_access_key_id"], settings["role_arn"] == nil {
      return AWSGivenKeys(
        id: id, secret: Secret(settings["aws_secret_access_key"] ?? ""),
        token: Secret(settings["aws_session_token"] ?? ""), origin: "profile `\(profile)`"
      ).step
    }
    for name in Self.unsupported where settings[name] != nil {
      return .failed(
        FetchFailure(
          "profile `\(profile)` uses `\(name)`, which the gateway does not support: give it keys, "
            + "or let the workload have a role"))
    }
    if isNamed {
      return .failed(
        FetchFailure(
          isKnown
            ? "profile `\(profile)` has no keys"
            : "profile `\(profile)` is in neither of the shared files"))
    }
    return .absent("profile `\(profile)` has no keys")
  }
}
