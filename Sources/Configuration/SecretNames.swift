// SPDX-License-Identifier: MIT

internal import ModelCatalog

/// Which keys have values that messages must not show, by their names alone.
enum SecretNames {
  private static let endings = [
    "key", "keys", "secret", "token", "access_key_id", "password", "passphrase", "authorization",
    "cookie", "sha256", "auth", "authentication", "credential", "credentials", "-team",
  ]
  private static let parts = ["secret", "password", "apikey", "api_key", "access_key"]
  /// A duration, which would end like one of them.
  private static let harmless = ["first_token"]
  /// What else is meant by a name that is misspelt.
  private static let known = [
    "key", "keys", "api_key", "api_keys", "sha256", "client_secret", "secret_access_key",
    "access_key_id", "session_token", headers,
  ]
  /// Others' headers may have any name, so that all values below it are hidden.
  static let headers = "headers"

  static func isSecret(_ name: String) -> Bool {
    let name = name.lowercased()
    if harmless.contains(name) { return false }
    return name == headers || endings.contains { name.hasSuffix($0) }
      || parts.contains { name.contains($0) } || isMisspelt(name)
  }

  /// `api_kye`: the report says which key was meant, and its value is a secret no less.
  private static func isMisspelt(_ name: String) -> Bool {
    let bytes = Array(name.utf8.prefix(CatalogLimits.nameBytesMaximum))
    guard bytes.count >= 3, name != "header" else { return false }
    return known.contains { secret in
      NearestNames.distance(bytes, Array(secret.utf8)) <= (secret.utf8.count > 4 ? 2 : 1)
    }
  }

  /// What may stand in a mapping below such a key and be shown: other members there are mistakes,
  /// such as `api_key: {value: sk-…}`.
  private static let members: Set<String> = [
    "name", "user", "team", "models", "loopback_only", "budget", "latency_sla_ms", "weight",
    "region", "type", "file", "profile", "sts_url", "metadata_url", "credentials_file", "scope",
    "audience", "token_url", "service_account", "tenant_id", "client_id", "federated_token_file",
    "authority_url",
  ]

  static func isSecretMember(_ name: String) -> Bool { !members.contains(name) }

  /// A key as the configuration has them, and no secret that stands in a key's place: `{sk-…}`.
  static func isWord(_ name: String) -> Bool {
    name == "sha256"
      || (1...32).contains(name.utf8.count)
        && name.utf8.allSatisfy { $0 == 0x5f || (0x61...0x7a).contains($0) }
  }
}
