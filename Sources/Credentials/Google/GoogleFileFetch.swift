// SPDX-License-Identifier: MIT

internal import Clocks
internal import JSON
internal import ModelCatalog

/// A token for a JSON file: of a service account, or of a user who logged in with gcloud.
struct GoogleFileFetch: CredentialFetch {
  private enum State {
    /// → `readsFile`
    case begin
    /// → `asks`
    case readsFile
    case asks
  }

  private var state = State.begin
  private let settings: GoogleSettings
  private let path: String
  /// The file was asked for by name: that it is missing is an error then.
  private let isNamed: Bool
  private var origin = ""
  private var quotaProject: String?

  static let server = "Google's token server"
  static let assertionGrant = "urn:ietf:params:oauth:grant-type:jwt-bearer"

  init(_ settings: GoogleSettings, path: String, isNamed: Bool) {
    self.settings = settings
    self.path = path
    self.isNamed = isNamed
  }

  mutating func next(_ event: FetchEvent, now: Timestamp) -> FetchStep {
    switch (state, event) {
    case (.begin, .begin):
      state = .readsFile
      return .read(path: path)
    case (.readsFile, .contents(let bytes)):
      do throws(FetchFailure) {
        let request = try request(bytes, now)
        state = .asks
        return .send(request)
      } catch {
        return .failed(error)
      }
    case (.readsFile, .unreadable(let reason)):
      return isNamed
        ? .failed(FetchFailure("the key file `\(path)` cannot be read: \(reason)"))
        : .absent("`\(path)` cannot be read: \(reason)")
    case (.asks, .answered(let status, let body)):
      let step = TokenAnswer.token(
        status: status, body: body, server: Self.server, origin: origin, now: now)
      guard case .issued(var issued) = step else { return step }
      issued.quotaProject = quotaProject
      return .issued(issued)
    case (.asks, .unreachable(let reason)):
      return .failed(FetchFailure("\(Self.server) cannot be reached: \(reason)"))
    default: return .failed(.outOfTurn)
    }
  }

  private mutating func request(
    _ bytes: [UInt8], _ now: Timestamp
  ) throws(FetchFailure) -> TokenRequest {
    guard let file = TokenAnswer.object(bytes) else {
      throw FetchFailure("the key file `\(path)` is no JSON object")
    }
    switch file.string("type") {
    case "service_account":
      let account = try ServiceAccount(file)
      origin = "the service account \(account.email)"
      let assertion = try account.assertion(
        scope: settings.scope, audience: settings.audience, at: now)
      return .form(
        settings.tokenURL ?? account.tokenURL,
        [("grant_type", Self.assertionGrant), ("assertion", assertion.text)])
    case "authorized_user":
      guard let id = file.string("client_id"), let secret = file.string("client_secret"),
        let token = file.string("refresh_token")
      else {
        throw FetchFailure(
          "the key file `\(path)` lacks `client_id`, `client_secret` or `refresh_token`")
      }
      origin = "the user of `\(path)`"
      // A user's token belongs to no project that could be charged.
      quotaProject = file.string("quota_project_id").flatMap { project in
        Secret(project).isFieldValue && !project.isEmpty ? project : nil
      }
      return .form(
        settings.tokenURL ?? file.string("token_uri") ?? GoogleSettings.standardAudience,
        [
          ("grant_type", "refresh_token"), ("client_id", id), ("client_secret", secret),
          ("refresh_token", token),
        ])
    case let type:
      let named = type.map { "`\(TokenAnswer.word($0))`" } ?? "no type"
      throw FetchFailure(
        "the key file `\(path)` is of \(named): the gateway reads `service_account` and "
          + "`authorized_user`")
    }
  }
}
