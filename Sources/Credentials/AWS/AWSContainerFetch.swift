// SPDX-License-Identifier: MIT

internal import Clocks

/// Keys of the container agent: ECS, and EKS Pod Identity.
struct AWSContainerFetch: CredentialFetch {
  private enum State {
    /// → `readsToken`, `asks`
    case begin
    /// → `asks`
    case readsToken
    case asks
  }

  private var state = State.begin
  private let surroundings: Surroundings

  static let relativeBase = "http://169.254.170.2"
  /// In plain text only the machine itself and these are asked (ECS, EKS Pod Identity).
  private static let plainHosts: Set = [
    "169.254.170.2", "169.254.170.23", "[fd00:ec2::23]", "localhost", "[::1]",
  ]

  init(_ surroundings: Surroundings) { self.surroundings = surroundings }

  mutating func next(_ event: FetchEvent, now: Timestamp) -> FetchStep {
    switch (state, event) {
    case (.begin, .begin): return begin()
    case (.readsToken, .contents(let bytes)):
      state = .asks
      return ask(token: String(contents: bytes)?.withoutOuterSpace ?? "")
    case (.readsToken, .unreadable(let reason)):
      return .failed(
        FetchFailure("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE cannot be read: \(reason)"))
    case (.asks, .answered(let status, let body)):
      return TokenAnswer.awsKeys(
        status: status, body: body, server: "the container's credential agent",
        origin: "the container's credential agent")
    case (.asks, .unreachable(let reason)):
      return .failed(
        FetchFailure("the container's credential agent cannot be reached: \(reason)"))
    default: return .failed(.outOfTurn)
    }
  }

  private var url: String? {
    if let path = surroundings["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] {
      return Self.relativeBase + path
    }
    return surroundings["AWS_CONTAINER_CREDENTIALS_FULL_URI"]
  }

  private mutating func begin() -> FetchStep {
    guard let url else { return .absent("no AWS_CONTAINER_CREDENTIALS_…_URI is set") }
    guard Self.mayBeAsked(url) else {
      return .failed(
        FetchFailure(
          "AWS_CONTAINER_CREDENTIALS_FULL_URI must be https, or an address of the machine itself"))
    }
    if let path = surroundings["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] {
      state = .readsToken
      return .read(path: path)
    }
    state = .asks
    return ask(token: surroundings["AWS_CONTAINER_AUTHORIZATION_TOKEN"] ?? "")
  }

  private func ask(token: String) -> FetchStep {
    guard token.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) else {
      return .failed(FetchFailure("the container's authorization token is no header's value"))
    }
    let headers =
      [("accept", "application/json")] + (token.isEmpty ? [] : [("authorization", token)])
    return .send(
      TokenRequest(
        "GET", url ?? "", headers: headers.map { (name: $0.0, value: $0.1) }, isLocal: true))
  }

  private static func mayBeAsked(_ url: String) -> Bool {
    if url.hasPrefix("https://") { return true }
    guard url.hasPrefix("http://") else { return false }
    let authority = url.dropFirst(7).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    let host =
      authority.hasPrefix("[")
      ? authority.prefix { $0 != "]" } + "]" : authority.prefix { $0 != ":" }
    return plainHosts.contains(String(host)) || isLoopback(host)
  }

  /// 127.0.0.0/8: four numbers, so that no name that begins like one is taken for an address.
  private static func isLoopback(_ host: Substring) -> Bool {
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }
}
