// SPDX-License-Identifier: MIT

/// An AWS key pair that a fake accepts and verifies.
public struct SigningKey: Sendable, Equatable {
  public var accessKeyIdentifier: String
  public var secret: String

  public init(accessKeyIdentifier: String, secret: String) {
    self.accessKeyIdentifier = accessKeyIdentifier
    self.secret = secret
  }
}
