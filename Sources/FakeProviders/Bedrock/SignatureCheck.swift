// SPDX-License-Identifier: MIT

internal import Bytes
internal import Network

/// Verifies AWS Signature Version 4 of a request: everything is computed again from the request as
/// it arrived.
struct SignatureCheck {
  let request: ReceivedRequest
  let key: SigningKey?
  /// Seconds since 1970.
  let now: Int64

  static let algorithm = "AWS4-HMAC-SHA256"
  private static let service = "bedrock"
  private static let skewSecondsMaximum: Int64 = 300

  /// The parts of the header `Authorization`.
  private struct Claim {
    var accessKeyIdentifier: String
    var date: String
    var region: String
    var service: String
    var signedHeaders: [String]
    var signature: String

    init?(_ header: String) {
      guard header.hasPrefix(algorithm + " ") else { return nil }
      var fields: [String: String] = [:]
      for part in header.dropFirst(algorithm.count + 1).split(separator: ",") {
        let sides = part.drop { $0 == " " }.split(separator: "=", maxSplits: 1)
        guard sides.count == 2 else { return nil }
        fields[String(sides[0])] = String(sides[1])
      }
      let scope = (fields["Credential"] ?? "").split(separator: "/").map(String.init)
      guard scope.count == 5, scope[4] == "aws4_request", let names = fields["SignedHeaders"],
        let signature = fields["Signature"]
      else { return nil }
      accessKeyIdentifier = scope[0]
      (date, region, service) = (scope[1], scope[2], scope[3])
      signedHeaders = names.split(separator: ";").map(String.init)
      self.signature = signature
    }
  }

  /// - Parameter acceptedKeys: identifiers of keys that are accepted unseen; empty for any.
  func verify(acceptedKeys: [String]) throws(ProviderError) {
    guard let header = request.header("authorization") else {
      throw Self.refusal("Missing Authentication Token", "MissingAuthenticationTokenException")
    }
    guard let claim = Claim(header) else {
      throw Self.refusal(
        "Authorization header requires 'Credential' parameter. Authorization header requires "
          + "'Signature' parameter.", "IncompleteSignatureException")
    }
    guard claim.service == Self.service else {
      throw Self.refusal(
        "Credential should be scoped to correct service: '\(Self.service)'. ",
        "InvalidSignatureException")
    }
    let timestamp = try timestamp(claim)
    for name in ["host", "x-amz-date"] where !claim.signedHeaders.contains(name) {
      throw Self.refusal(
        "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
        "InvalidSignatureException")
    }
    guard let key else {
      if acceptedKeys.isEmpty || acceptedKeys.contains(claim.accessKeyIdentifier) { return }
      throw ProviderError(.authentication)
    }
    if key.accessKeyIdentifier != claim.accessKeyIdentifier { throw ProviderError(.authentication) }
    let text = [
      Self.algorithm, timestamp,
      [claim.date, claim.region, claim.service, "aws4_request"].joined(separator: "/"),
      Self.hexadecimal(Self.digest(Array(canonicalRequest(claim).utf8))),
    ].joined(separator: "\n")
    var signing = Array("AWS4".utf8) + Array(key.secret.utf8)
    for part in [claim.date, claim.region, claim.service, "aws4_request", text] {
      signing = Self.authenticate(Array(part.utf8), key: signing)
    }
    if Self.hexadecimal(signing) != claim.signature {
      throw Self.refusal(
        "The request signature we calculated does not match the signature you provided. Check your "
          + "AWS Secret Access Key and signing method. Consult the service documentation for "
          + "details.", "InvalidSignatureException")
    }
  }

  private static func refusal(_ message: String, _ name: String) -> ProviderError {
    ProviderError(.authentication, message, code: name)
  }

  // MARK: Time

  private func timestamp(_ claim: Claim) throws(ProviderError) -> String {
    guard let text = request.header("x-amz-date"), let seconds = Self.seconds(text) else {
      throw Self.refusal(
        "Date must be in ISO-8601 'basic format'.", "IncompleteSignatureException")
    }
    if !text.hasPrefix(claim.date + "T") {
      throw Self.refusal(
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP",
        "InvalidSignatureException")
    }
    if seconds < now - Self.skewSecondsMaximum {
      throw Self.refusal("Signature expired: \(text) is now too old", "InvalidSignatureException")
    }
    if seconds > now + Self.skewSecondsMaximum {
      throw Self.refusal(
        "Signature not yet current: \(text) is still later", "InvalidSignatureException")
    }
    return text
  }

  /// Seconds since 1970 of `20251126T170000Z`.
  static func seconds(_ text: String) -> Int64? {
    let bytes = Array(text.utf8)
    guard bytes.count == 16, bytes[8] == UInt8(ascii: "T"), bytes[15] == UInt8(ascii: "Z") else {
      return nil
    }
    func number(_ range: Range<Int>) -> Int64? {
      Int64(String(decoding: bytes[range], as: UTF8.self))
    }
    guard let year = number(0..<4), let month = number(4..<6), let day = number(6..<8),
      let hour = number(9..<11), let minute = number(11..<13), let second = number(13..<15),
      (1...12).contains(month), (1...31).contains(day)
    else { return nil }
    // Years that begin in March have their leap day at the end.
    let shifted = month <= 2 ? year - 1 : year
    let monthFromMarch = (month + 9) % 12
    let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
    let leaps = shifted / 4 - shifted / 100 + shifted / 400
    let days = shifted * 365 + leaps + dayOfYear - 719_468
    return ((days * 24 + hour) * 60 + minute) * 60 + second
  }

  // MARK: The canonical request

  private func canonicalRequest(_ claim: Claim) -> String {
    let headers = claim.signedHeaders.map { name -> String in
      let values = request.headers.filter { $0.name.lowercased() == name }.map {
        $0.value.split(separator: " ").joined(separator: " ")
      }
      return "\(name):\(values.joined(separator: ","))\n"
    }
    return [
      request.method, Self.canonicalPath(request.path), canonicalQuery, headers.joined(),
      claim.signedHeaders.joined(separator: ";"), Self.hexadecimal(Self.digest(request.body)),
    ].joined(separator: "\n")
  }

  /// The path as sent, each segment encoded once more.
  static func canonicalPath(_ path: String) -> String {
    path.utf8.reduce(into: "") { result, byte in
      result += byte == UInt8(ascii: "/") ? "/" : encoded(byte)
    }
  }

  private var canonicalQuery: String {
    let parts = request.target.split(separator: "?", maxSplits: 1)
    guard parts.count == 2 else { return "" }
    return parts[1].split(separator: "&").map { pair in
      pair.contains("=") ? String(pair) : pair + "="
    }.sorted().joined(separator: "&")
  }

  private static func encoded(_ byte: UInt8) -> String {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
      UInt8(ascii: "."), UInt8(ascii: "~"):
      return String(UnicodeScalar(byte))
    default:
      let digits = String(byte, radix: 16, uppercase: true)
      return "%" + (digits.count == 1 ? "0" : "") + digits
    }
  }

  // MARK: Digests

  private static let blockBytes = 64

  static func digest(_ bytes: [UInt8]) -> [UInt8] {
    // An empty array has no address, and OpenSSL wants one.
    let source = bytes.isEmpty ? [0] : bytes
    let found = source.withUnsafeBufferPointer { buffer -> [UInt8]? in
      guard let base = buffer.baseAddress else { return nil }
      return SHA256.withDigest(of: ByteView(base: base, count: bytes.count)) { digest in
        (0..<digest.count).map { digest[$0] }
      }
    }
    guard let found else { preconditionFailure("OpenSSL has no SHA-256") }
    return found
  }

  /// HMAC (RFC 2104) with SHA-256.
  static func authenticate(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
    var block = key.count > blockBytes ? digest(key) : key
    block += [UInt8](repeating: 0, count: blockBytes - block.count)
    let inner = digest(block.map { $0 ^ 0x36 } + message)
    return digest(block.map { $0 ^ 0x5C } + inner)
  }

  static func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    let text = bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 0xF)]] }
    return String(decoding: text, as: UTF8.self)
  }
}
