// SPDX-License-Identifier: MIT

internal import Bytes
public import Clocks
internal import JSON
public import ModelCatalog

/// A Google service account's key: what the JSON file of type `service_account` holds.
public struct ServiceAccount: Sendable {
  public let email: String
  /// `private_key_id`; empty where the file has none.
  public let keyID: String
  let privateKey: Secret
  /// Where assertions are exchanged for tokens.
  public let tokenURL: String

  /// How long an assertion may be used, the most that Google takes.
  public static let assertionLifetime = Interval.seconds(3_600)

  public init(email: String, keyID: String, privateKey: Secret, tokenURL: String) {
    self.email = email
    self.keyID = keyID
    self.privateKey = privateKey
    self.tokenURL = tokenURL
  }

  init(_ file: JSONPlainObject) throws(FetchFailure) {
    guard let email = file.string("client_email"), let key = file.string("private_key") else {
      throw FetchFailure("the service account's key file lacks `client_email` or `private_key`")
    }
    self.init(
      email: email, keyID: file.string("private_key_id") ?? "", privateKey: Secret(key),
      tokenURL: file.string("token_uri") ?? GoogleSettings.standardAudience)
  }

  /// A signed assertion (RFC 7523 section 2.1) in JWS compact form.
  ///
  /// - Throws: when the private key is no RSA key in PEM of 2,048 bits at least.
  public func assertion(
    scope: String = GoogleSettings.cloudScope,
    audience: String = GoogleSettings.standardAudience, at now: Timestamp
  ) throws(FetchFailure) -> Secret {
    guard let signer = RSASigner(pem: privateKey) else {
      throw FetchFailure(
        "the private key of `\(email)` is no RSA key in PEM of 2,048 bits at least")
    }
    let issued = now.secondsSinceEpoch
    let expiry = issued + Self.assertionLifetime.nanoseconds / 1_000_000_000
    let kid = keyID.isEmpty ? "" : ",\"kid\":\(TextCoding.jsonString(keyID))"
    let header = "{\"alg\":\"RS256\",\"typ\":\"JWT\"\(kid)}"
    let claims =
      "{\"iss\":\(TextCoding.jsonString(email)),\"scope\":\(TextCoding.jsonString(scope)),"
      + "\"aud\":\(TextCoding.jsonString(audience)),\"iat\":\(issued),\"exp\":\(expiry)}"
    let input =
      TextCoding.base64URL(Array(header.utf8)) + "." + TextCoding.base64URL(Array(claims.utf8))
    guard let signature = signer.signature(of: Array(input.utf8)) else {
      throw FetchFailure("OpenSSL cannot sign with the private key of `\(email)`")
    }
    return Secret(input + "." + TextCoding.base64URL(signature))
  }
}
