// SPDX-License-Identifier: MIT

internal import Clocks
public import ModelCatalog

extension GoogleSettings {
  /// A key file, else what Google's libraries call application default credentials:
  /// GOOGLE_APPLICATION_CREDENTIALS, gcloud's own file, the metadata server.
  public func fetch(_ surroundings: Surroundings) -> FetchChain {
    let nothingFound = "no Google credentials were found"
    if let file = credentialsFile ?? surroundings["GOOGLE_APPLICATION_CREDENTIALS"] {
      return FetchChain(
        [GoogleFileFetch(self, path: file, isNamed: true)], nothingFound: nothingFound)
    }
    var members: [any CredentialFetch] = []
    let folder = surroundings["CLOUDSDK_CONFIG"] ?? surroundings.home(".config/gcloud")
    if let folder {
      members.append(
        GoogleFileFetch(
          self, path: "\(folder)/application_default_credentials.json", isNamed: false))
    }
    members.append(GoogleMetadataFetch(self, surroundings))
    return FetchChain(members, nothingFound: nothingFound)
  }
}

/// The metadata server of Compute Engine, Cloud Run and GKE.
struct GoogleMetadataFetch: CredentialFetch {
  private let url: String

  static let server = "Google's metadata server"

  init(_ settings: GoogleSettings, _ surroundings: Surroundings) {
    let host = surroundings["GCE_METADATA_HOST"] ?? "metadata.google.internal"
    let base = settings.metadataURL?.withoutEndSlash ?? "http://\(host)"
    let account = TextCoding.percentEncoded(settings.account)
    let scopes = TextCoding.percentEncoded(settings.scope)
    url =
      "\(base)/computeMetadata/v1/instance/service-accounts/\(account)/token?scopes=\(scopes)"
  }

  mutating func next(_ event: FetchEvent, now: Timestamp) -> FetchStep {
    switch event {
    case .begin:
      return .send(
        TokenRequest("GET", url, headers: [("metadata-flavor", "Google")], isLocal: true))
    case .answered(let status, let body):
      return TokenAnswer.token(
        status: status, body: body, server: Self.server, origin: Self.server, now: now)
    case .unreachable(let reason):
      return .failed(FetchFailure("\(Self.server) cannot be reached: \(reason)"))
    case .contents, .unreadable: return .failed(.outOfTurn)
    }
  }
}
