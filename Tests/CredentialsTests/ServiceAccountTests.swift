// SPDX-License-Identifier: MIT

import Clocks
import Credentials
import ModelCatalog
import Testing

@Suite struct ServiceAccountTests {
  static let now = Timestamp(secondsSinceEpoch: 1_700_000_000)

  func account(_ pem: String, id: String = "abc123") -> ServiceAccount {
    ServiceAccount(
      email: "robot@project.iam.gserviceaccount.com", keyID: id, privateKey: Secret(pem),
      tokenURL: "https://oauth2.googleapis.com/token")
  }

  /// RS256 is deterministic: the fixture's signature was made by `openssl dgst -sha256 -sign` over
  /// the same header and claims.
  @Test func theAssertionIsWhatOpenSSLsToolSigns() throws {
    let signed = try account(Fixture.text("service-account-key.pem")).assertion(at: Self.now)
    #expect(signed.text == Fixture.text("service-account-assertion.jwt").trimmed)
  }

  @Test func aKeyWithoutIdentifierHasNoKid() throws {
    let pem = Fixture.text("service-account-key.pem")
    let signed = try account(pem, id: "").assertion(at: Self.now)
    #expect(signed.text.hasPrefix("eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9."))
  }

  @Test(arguments: ["", "no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
  func whatIsNoKeyIsRefusedWithoutShowingIt(_ pem: String) {
    let failure = #expect(throws: FetchFailure.self) {
      try account(pem).assertion(at: Self.now)
    }
    #expect(failure?.summary.contains("robot@project") == true)
    #expect(pem.isEmpty || failure?.description.contains(pem) == false)
  }

  /// A prompt for its password would wait at the terminal for ever.
  @Test func aSealedKeyIsRefusedWithoutAPrompt() {
    #expect(throws: FetchFailure.self) {
      try account(Fixture.text("sealed-key.pem")).assertion(at: Self.now)
    }
  }

  @Test func aSecretDoesNotPrint() {
    let secret = Secret("hush")
    var dumped = ""
    dump(secret, to: &dumped)
    #expect("\(secret)\(String(reflecting: secret))\(dumped)".contains("hush") == false)
  }
}
