// SPDX-License-Identifier: MIT

internal import Clocks
internal import ModelCatalog

/// A role for the token that Kubernetes mounts (IRSA): STS's AssumeRoleWithWebIdentity.
struct AWSWebIdentityFetch: CredentialFetch {
  private enum State {
    /// → `readsToken`
    case begin
    /// → `asks`
    case readsToken
    case asks
  }

  private var state = State.begin
  private let role: String?
  private let path: String?
  private let sessionName: String
  private let url: String

  init(_ settings: AWSSettings, _ surroundings: Surroundings) {
    role = surroundings["AWS_ROLE_ARN"]
    path = surroundings["AWS_WEB_IDENTITY_TOKEN_FILE"]
    sessionName = surroundings["AWS_ROLE_SESSION_NAME"] ?? "gateway"
    let region = settings.region
    let suffix = region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
    url =
      settings.stsURL ?? surroundings["AWS_ENDPOINT_URL_STS"]
      ?? "https://sts.\(region).\(suffix)"
  }

  mutating func next(_ event: FetchEvent, now: Timestamp) -> FetchStep {
    switch (state, event) {
    case (.begin, .begin):
      guard let path, role != nil else {
        return .absent("AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE are not both set")
      }
      state = .readsToken
      return .read(path: path)
    case (.readsToken, .contents(let bytes)):
      state = .asks
      return .send(request(String(contents: bytes)?.withoutOuterSpace ?? ""))
    case (.readsToken, .unreadable(let reason)):
      return .failed(
        FetchFailure("the web identity token `\(path ?? "")` cannot be read: \(reason)"))
    case (.asks, .answered(let status, let body)): return read(status, body)
    case (.asks, .unreachable(let reason)):
      return .failed(FetchFailure("STS cannot be reached: \(reason)"))
    default: return .failed(.outOfTurn)
    }
  }

  private func request(_ token: String) -> TokenRequest {
    .form(
      url.withoutEndSlash + "/",
      [
        ("Action", "AssumeRoleWithWebIdentity"), ("Version", "2011-06-15"),
        ("RoleArn", role ?? ""), ("RoleSessionName", sessionName), ("WebIdentityToken", token),
      ])
  }

  private func read(_ status: Int, _ body: [UInt8]) -> FetchStep {
    let answer = XMLElements(body)
    guard status == 200 else {
      let code = TokenAnswer.word(answer.text("Code") ?? "")
      return .failed(
        FetchFailure(
          "STS answered \(status)" + (code.isEmpty ? "" : " (\(code))"),
          detail: answer.text("Message") ?? ""))
    }
    guard let id = answer.text("AccessKeyId"), let secret = answer.text("SecretAccessKey"),
      let expiry = answer.text("Expiration").flatMap({ Timestamp(rfc3339UTC: $0) }),
      let keys = AWSKeys(
        accessKeyID: id, secret: Secret(secret),
        sessionToken: Secret(answer.text("SessionToken") ?? ""))
    else { return .failed(FetchFailure("STS answered without usable keys")) }
    return .issued(
      IssuedCredential(.aws(keys), expiresAt: expiry, origin: "the web identity token"))
  }
}

/// The texts of an XML document's leaves, by the names of their elements: enough for STS's answers,
/// in which no name of interest stands twice.
struct XMLElements {
  private let text: String

  init(_ body: [UInt8]) { text = String(contents: body) ?? "" }

  /// The text of the first element of that name, if it holds nothing but text.
  func text(_ name: String) -> String? {
    guard let start = text.firstRange(of: "<\(name)>")?.upperBound,
      let end = text[start...].firstIndex(of: "<"), text[end...].hasPrefix("</\(name)>")
    else { return nil }
    let entities = [
      ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&"),
    ]
    return entities.reduce(String(text[start..<end])) { $0.replacing($1.0, with: $1.1) }
  }
}
