// SPDX-License-Identifier: MIT

/// Where a gateway's credential comes from when it is not a key in the configuration.
public enum CredentialSource: Hashable, Sendable {
  /// A key in a file, read anew now and then.
  case keyFile(path: String)
  case aws(AWSSettings)
  case google(GoogleSettings)
  case entra(EntraSettings)
}

/// How a gateway's AWS credentials are found.
public struct AWSSettings: Hashable, Sendable {
  /// The region of the signature, and of STS.
  public var region: String
  /// A profile of the shared files; nil for the whole chain.
  public var profile: String?
  /// Keys of the configuration itself; nil for the chain.
  public var accessKeyID: String?
  public var secretAccessKey = Secret("")
  public var sessionToken = Secret("")
  /// Instead of STS's own address.
  public var stsURL: String?
  /// Instead of the instance metadata service's own address, without a path.
  public var metadataURL: String?

  public init(region: String) { self.region = region }
}

/// How a gateway's Google Cloud credentials are found.
public struct GoogleSettings: Hashable, Sendable {
  /// What tokens are asked for when nothing else is said.
  public static let cloudScope = "https://www.googleapis.com/auth/cloud-platform"
  /// The audience of assertions, wherever they are sent: as google-auth has it.
  public static let standardAudience = "https://oauth2.googleapis.com/token"

  /// A key file; nil for the application default credentials.
  public var credentialsFile: String?
  public var scope = cloudScope
  public var audience = standardAudience
  /// Instead of the address that a key file names.
  public var tokenURL: String?
  /// Instead of the metadata server's own address, without a path.
  public var metadataURL: String?
  /// The account whose token the metadata server gives.
  public var account = "default"

  public init() {}
}

/// How a gateway's Microsoft Entra tokens are had.
public struct EntraSettings: Hashable, Sendable {
  /// What tokens are asked for when nothing else is said.
  public static let cognitiveScope = "https://cognitiveservices.azure.com/.default"

  public var tenantID: String?
  public var clientID: String?
  public var clientSecret: Secret?
  /// Of a token that a workload identity is exchanged for.
  public var federatedTokenFile: String?
  public var scope = cognitiveScope
  /// Instead of Entra's own address, without a path.
  public var authorityURL: String?
  /// Instead of the instance metadata service's own address, without a path.
  public var metadataURL: String?

  public init() {}
}
