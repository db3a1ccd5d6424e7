// SPDX-License-Identifier: MIT

internal import Bytes
internal import Clocks
internal import JSON
internal import ModelCatalog

/// What token services answer, read.
enum TokenAnswer {
  /// An OAuth 2.0 access token (RFC 6749 section 5.1), with the time at which it expires.
  ///
  /// - Parameter server: what messages call it.
  static func token(
    status: Int, body: [UInt8], server: String, origin: String, now: Timestamp
  ) -> FetchStep {
    let object = object(body)
    guard status == 200, let object else { return .failed(failure(status, object, server)) }
    guard let token = object.string("access_token"), !token.isEmpty else {
      return .failed(FetchFailure("\(server) answered without an access token"))
    }
    guard Secret(token).isFieldValue else {
      return .failed(FetchFailure("\(server) answered with a token that no header can hold"))
    }
    guard let seconds = object.integer("expires_in"), seconds > 0 else {
      return .failed(FetchFailure("\(server) answered without the token's life time"))
    }
    return .issued(
      IssuedCredential(.token(Secret(token)), expiresAt: now + .seconds(seconds), origin: origin))
  }

  /// The temporary keys that the metadata services of AWS answer with.
  static func awsKeys(
    status: Int, body: [UInt8], server: String, origin: String
  ) -> FetchStep {
    let object = object(body)
    guard status == 200, let object else { return .failed(failure(status, object, server)) }
    if let code = object.string("Code"), code != "Success" {
      return .failed(FetchFailure("\(server) answered `\(word(code))`"))
    }
    let expiry = object.string("Expiration").flatMap { Timestamp(rfc3339UTC: $0) }
    guard let id = object.string("AccessKeyId"), let secret = object.string("SecretAccessKey"),
      let keys = AWSKeys(
        accessKeyID: id, secret: Secret(secret),
        sessionToken: Secret(object.string("Token") ?? ""))
    else { return .failed(FetchFailure("\(server) answered without usable keys")) }
    return .issued(IssuedCredential(.aws(keys), expiresAt: expiry, origin: origin))
  }

  static func object(_ body: [UInt8]) -> JSONPlainObject? {
    unsafe body.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return nil }
      return try? unsafe JSONPlainObject(ByteView(base: base, count: buffer.count))
    }
  }

  /// The status, and the code that OAuth (RFC 6749 section 5.2) or AWS gives; the server's prose
  /// is for the log.
  static func failure(
    _ status: Int, _ object: JSONPlainObject?, _ server: String
  ) -> FetchFailure {
    let code = object?.string("error") ?? object?.string("code") ?? object?.string("Code") ?? ""
    let words =
      object?.string("error_description") ?? object?.string("message")
      ?? object?.string("Message") ?? ""
    let named = code.isEmpty ? "" : " (\(word(code)))"
    return FetchFailure("\(server) answered \(status)\(named)", detail: words)
  }

  /// A code of letters, digits and `_-.`; anything else in it is left out.
  static func word(_ text: String) -> String {
    let kept = text.utf8.prefix(64).filter { byte in
      (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
        || byte == 0x5f || byte == 0x2d || byte == 0x2e
    }
    return String(decoding: kept, as: UTF8.self)
  }
}
