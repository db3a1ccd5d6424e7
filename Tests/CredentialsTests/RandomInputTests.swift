// SPDX-License-Identifier: MIT

import Bytes
import Clocks
import Credentials
import ModelCatalog
import Testing

/// What comes from files and servers must end in an error at worst.
@Suite struct RandomInputTests {
  /// Pieces that the readers look for, thrown together.
  static let pieces = [
    "GET", " ", "/", "?", "&", "=", "%", "%2", "..", ".", " HTTP/1.1", "\r\n", "\n", ":", "host",
    "x-amz-", "[", "]", "profile", "default", "#", ";", "aws_access_key_id", "{", "}", "\"", ",",
    "access_token", "AccessKeyId", "<", ">", "</", "&amp;", "\u{1234}", "\0", "type",
    "service_account", "expires_in", "12", "\\u", "\\",
  ]

  func text(_ random: inout RandomSource) -> String {
    (0..<Int(random.next(below: 40))).map { _ in
      Self.pieces[Int(random.next(below: UInt32(Self.pieces.count)))]
    }.joined()
  }

  @Test func nothingSignedTraps() throws {
    var random = RandomSource(seed: 11)
    let keys = try #require(AWSKeys(accessKeyID: "A", secret: Secret("s")))
    let signer = try #require(SigV4Signer(region: "eu-west-1", signing: .all))
    var signedCount = 0
    for round in 0..<4_000 {
      // Every other one has a good start, or nothing would be signed.
      let start = round % 2 == 0 ? "GET /" : ""
      let end = round % 2 == 0 ? " HTTP/1.1\r\nhost: a\r\n" : ""
      let head = start + text(&random).replacing("\r\n", with: round % 2 == 0 ? "" : "\r\n") + end
      let result = sign(
        text: head, body: "", signer: signer, keys: keys, at: FetchDriver.now,
        capacity: 16 << 10)
      #expect(result.text.hasPrefix(head))
      if result.isSigned { signedCount += 1 }
    }
    #expect(signedCount > 1_000)
  }

  @Test func noFetchTrapsOrGoesRoundInCircles() {
    var random = RandomSource(seed: 12)
    for _ in 0..<1_500 {
      var google = GoogleSettings()
      google.credentialsFile = "/f"
      let environments: [[String: String]] = [
        ["HOME": "/h"], ["AWS_WEB_IDENTITY_TOKEN_FILE": "/f", "AWS_ROLE_ARN": "r"],
        ["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1/" + text(&random)],
        ["AWS_CONTAINER_CREDENTIALS_FULL_URI": text(&random)],
      ]
      let environment = environments[Int(random.next(below: 4))]
      let fetches = [
        AWSSettings(region: "r").fetch(Surroundings(environment: environment)),
        google.fetch(Surroundings(environment: environment)),
        EntraSettings().fetch(Surroundings(environment: environment)),
      ]
      for fetch in fetches { drive(fetch, &random) }
    }
  }

  private func drive(_ start: FetchChain, _ random: inout RandomSource) {
    var fetch = start
    var event = FetchEvent.begin
    for _ in 0..<32 {
      let bytes = Array(text(&random).utf8)
      switch fetch.next(event, now: FetchDriver.now) {
      case .issued, .failed, .absent: return
      case .read: event = random.next(below: 4) == 0 ? .unreadable("no") : .contents(bytes)
      case .send:
        let status = [200, 200, 403, 404][Int(random.next(below: 4))]
        event =
          random.next(below: 8) == 0 ? .unreachable("no") : .answered(status: status, body: bytes)
      }
    }
    Issue.record("a fetch that does not end")
  }
}
