// SPDX-License-Identifier: MIT

import Bytes
import Clocks
import Credentials
import ModelCatalog

/// The world around a fetch, as data: what files hold and servers answer.
struct FetchDriver {
  var files: [String: String] = [:]
  /// By method and URL.
  var answers: [String: (status: Int, body: String)] = [:]
  private(set) var requests: [TokenRequest] = []
  static let now = Timestamp(secondsSinceEpoch: 1_700_000_000)

  init(
    files: [String: String] = [:], answers: [String: (status: Int, body: String)] = [:]
  ) {
    self.files = files
    self.answers = answers
  }

  /// The last step; nothing takes more than twenty.
  mutating func run(_ fetch: some CredentialFetch) -> FetchStep {
    var fetch = fetch
    var event = FetchEvent.begin
    for _ in 0..<20 {
      let step = fetch.next(event, now: Self.now)
      switch step {
      case .read(let path):
        event =
          files[path].map { .contents(Array($0.utf8)) } ?? .unreadable("no such file or directory")
      case .send(let request):
        requests.append(request)
        let answer = answers["\(request.method) \(request.url)"]
        event =
          answer.map { .answered(status: $0.status, body: Array($0.body.utf8)) }
          ?? .unreachable("connection refused")
      case .issued, .absent, .failed: return step
      }
    }
    return .failed(FetchFailure("it goes round in circles"))
  }

  var lastBody: String { String(decoding: requests.last?.body ?? [], as: UTF8.self) }

  func header(_ name: String, of index: Int) -> String? {
    requests[index].headers.first { $0.name == name }?.value
  }
}

extension FetchStep {
  var token: String? {
    guard case .issued(let issued) = self, case .token(let token) = issued.content else {
      return nil
    }
    return token.text
  }

  var awsKeys: AWSKeys? {
    guard case .issued(let issued) = self, case .aws(let keys) = issued.content else { return nil }
    return keys
  }

  /// `id:session token`
  var awsText: String? {
    awsKeys.map { "\($0.accessKeyID.string):\($0.sessionToken.string)" }
  }

  var lifeSeconds: Int64? {
    guard case .issued(let issued) = self, let expiry = issued.expiresAt else { return nil }
    return (expiry - FetchDriver.now).nanoseconds / 1_000_000_000
  }

  var failure: FetchFailure? {
    guard case .failed(let failure) = self else { return nil }
    return failure
  }
}
