// SPDX-License-Identifier: MIT

internal import Clocks
internal import ModelCatalog

/// Keys of the machine's role, from the instance metadata service, version 2.
struct AWSInstanceFetch: CredentialFetch {
  private enum State {
    /// → `asksToken`
    case begin
    /// → `asksRole`
    case asksToken
    /// → `asksKeys`
    case asksRole
    case asksKeys
  }

  private var state = State.begin
  private var token = Secret("")
  private let isDisabled: Bool
  private let base: String

  static let server = "the instance metadata service"
  static let rolesPath = "/latest/meta-data/iam/security-credentials/"

  init(_ settings: AWSSettings, _ surroundings: Surroundings) {
    isDisabled = surroundings["AWS_EC2_METADATA_DISABLED"]?.lowercased() == "true"
    base =
      (settings.metadataURL ?? surroundings["AWS_EC2_METADATA_SERVICE_ENDPOINT"]
      ?? "http://169.254.169.254").withoutEndSlash
  }

  mutating func next(_ event: FetchEvent, now: Timestamp) -> FetchStep {
    switch (state, event) {
    case (.begin, .begin):
      if isDisabled { return .absent("AWS_EC2_METADATA_DISABLED is true") }
      state = .asksToken
      return .send(
        TokenRequest(
          "PUT", base + "/latest/api/token",
          headers: [("x-aws-ec2-metadata-token-ttl-seconds", "21600")], isLocal: true))
    case (.asksToken, .answered(let status, let body)):
      let text = Secret(String(contents: body)?.withoutOuterSpace ?? "")
      guard status == 200, !text.isEmpty, text.isFieldValue else {
        return .failed(FetchFailure("\(Self.server) answered \(status) to the request for a token"))
      }
      token = text
      state = .asksRole
      return get(Self.rolesPath)
    case (.asksToken, .unreachable(let reason)):
      return .absent("\(Self.server) cannot be reached: \(reason)")
    case (.asksRole, .answered(let status, let body)): return askKeys(status, body)
    case (.asksKeys, .answered(let status, let body)):
      return TokenAnswer.awsKeys(
        status: status, body: body, server: Self.server, origin: "the instance's role")
    case (_, .unreachable(let reason)):
      return .failed(FetchFailure("\(Self.server) cannot be reached: \(reason)"))
    default: return .failed(.outOfTurn)
    }
  }

  private mutating func askKeys(_ status: Int, _ body: [UInt8]) -> FetchStep {
    if status == 404 { return .absent("the instance has no role") }
    let roles = String(contents: body)?.split(whereSeparator: \.isNewline) ?? []
    guard status == 200, let role = roles.first, Secret(String(role)).isFieldValue else {
      return .failed(FetchFailure("\(Self.server) answered \(status) to the question for the role"))
    }
    state = .asksKeys
    return get(Self.rolesPath + TextCoding.percentEncoded(String(role)))
  }

  private func get(_ path: String) -> FetchStep {
    .send(
      TokenRequest(
        "GET", base + path, headers: [("x-aws-ec2-metadata-token", token.text)], isLocal: true))
  }
}
