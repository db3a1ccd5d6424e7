// SPDX-License-Identifier: MIT

import Bytes
import Clocks
import Credentials
import ModelCatalog
import Testing

/// Published cases of the AWS Signature Version 4 test suite (aws-sig-v4-test-suite, Apache-2.0;
/// also in botocore's `tests/unit/auth/aws4_testsuite`). Case, request line, fields, body, and the
/// signature that AWS publishes.
private let suite:
  [(
    name: String, line: String, fields: [String], body: String, signed: String, signature: String
  )] = [
    (
      "get-vanilla", "GET /", [], "", "host;x-amz-date",
      "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
    ),
    (
      "get-unreserved",
      "GET /-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", [], "",
      "host;x-amz-date", "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"
    ),
    (
      "get-slashes", "GET //example//", [], "", "host;x-amz-date",
      "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"
    ),
    (
      "get-vanilla-query-order-key-case", "GET /?Param2=value2&Param1=value1", [], "",
      "host;x-amz-date", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"
    ),
    (
      "get-vanilla-query-order-value", "GET /?Param1=value2&Param1=value1", [], "",
      "host;x-amz-date", "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694"
    ),
    (
      "get-vanilla-utf8-query", "GET /?\u{1234}=bar", [], "", "host;x-amz-date",
      "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"
    ),
    (
      "get-header-value-order", "GET /",
      ["My-Header1:value4", "My-Header1:value1", "My-Header1:value3", "My-Header1:value2"], "",
      "host;my-header1;x-amz-date",
      "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01"
    ),
    (
      "get-header-key-duplicate", "GET /",
      ["My-Header1:value2", "My-Header1:value2", "My-Header1:value1"], "",
      "host;my-header1;x-amz-date",
      "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"
    ),
    (
      "get-header-value-trim", "GET /", ["My-Header1: value1", "My-Header2: \"a   b   c\""], "",
      "host;my-header1;my-header2;x-amz-date",
      "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"
    ),
    (
      "post-x-www-form-urlencoded", "POST /",
      ["Content-Type: application/x-www-form-urlencoded"], "Param1=value1",
      "content-type;host;x-amz-date",
      "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"
    ),
  ]

@Suite struct SigV4SuiteTests {
  static let secret = Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
  static let time = Timestamp(secondsSinceEpoch: 1_440_938_160)

  @Test(arguments: suite.indices)
  func aPublishedCaseHasItsPublishedSignature(_ index: Int) throws {
    let example = suite[index]
    let keys = try #require(AWSKeys(accessKeyID: "AKIDEXAMPLE", secret: Self.secret))
    let signer = try #require(
      SigV4Signer(region: "us-east-1", service: "service", signing: .all))
    let lines = ["\(example.line) HTTP/1.1", "Host:example.amazonaws.com"] + example.fields
    let signed = try #require(
      sign(lines, body: example.body, signer: signer, keys: keys, at: Self.time))
    #expect(
      signed.hasSuffix(
        "x-amz-date: 20150830T123600Z\r\nauthorization: AWS4-HMAC-SHA256 "
          + "Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
          + "SignedHeaders=\(example.signed), Signature=\(example.signature)\r\n"),
      "\(example.name): \(signed)")
  }

  /// `get-vanilla-with-session-token` of the suite.
  @Test func aSessionTokenIsSentAndSigned() throws {
    let token = "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267"
    let keys = try #require(
      AWSKeys(
        accessKeyID: "AKIDEXAMPLE", secret: Self.secret, sessionToken: Secret(token)))
    let signer = try #require(SigV4Signer(region: "us-east-1", service: "service"))
    let signed = try #require(
      sign(
        ["GET / HTTP/1.1", "Host: example.amazonaws.com", "user-agent: not signed"], body: "",
        signer: signer, keys: keys, at: Self.time))
    #expect(signed.contains("\r\nx-amz-security-token: \(token)\r\n"))
    #expect(
      signed.hasSuffix(
        "SignedHeaders=host;x-amz-date;x-amz-security-token, "
          + "Signature=07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8\r\n"))
  }

  @Test func theDayKeyFollowsDayAndKeys() throws {
    let first = try #require(AWSKeys(accessKeyID: "AKIDEXAMPLE", secret: Self.secret))
    let second = try #require(AWSKeys(accessKeyID: "AKIDEXAMPLE", secret: Secret("other")))
    let lines = ["GET / HTTP/1.1", "Host: example.amazonaws.com"]
    let later = Self.time + .seconds(86_400)
    let kept = try #require(SigV4Signer(region: "us-east-1"))
    for (keys, time) in [(first, Self.time), (second, Self.time), (first, later), (first, later)] {
      let fresh = try #require(SigV4Signer(region: "us-east-1"))
      let expected = try #require(sign(lines, body: "{}", signer: fresh, keys: keys, at: time))
      #expect(sign(lines, body: "{}", signer: kept, keys: keys, at: time) == expected)
    }
  }

  @Test(arguments: [
    ["GET  HTTP/1.1", "host: a"], ["GET", "host: a"], ["GET / HTTP/1.1", "no colon"],
    ["GET / HTTP/1.1", ""], [" / HTTP/1.1"],
  ])
  func whatIsNoHeadIsNotSigned(_ lines: [String]) throws {
    let keys = try #require(AWSKeys(accessKeyID: "AKIDEXAMPLE", secret: Self.secret))
    let signer = try #require(SigV4Signer(region: "us-east-1"))
    #expect(sign(lines, body: "", signer: signer, keys: keys, at: Self.time) == nil)
  }

  @Test func aHeadWithoutRoomStaysAsItIs() throws {
    let keys = try #require(AWSKeys(accessKeyID: "AKIDEXAMPLE", secret: Self.secret))
    let signer = try #require(SigV4Signer(region: "us-east-1"))
    let head = "GET / HTTP/1.1\r\nhost: a\r\n"
    for room in 0..<200 {
      let signed = sign(
        text: head, body: "", signer: signer, keys: keys, at: Self.time,
        capacity: head.utf8.count + room)
      #expect(signed.text == head && !signed.isSigned)
    }
  }

  @Test func keysThatCouldSplitAHeadAreRefused() {
    #expect(AWSKeys(accessKeyID: "AKID\r\nx: y", secret: Self.secret) == nil)
    #expect(
      AWSKeys(accessKeyID: "AKID", secret: Self.secret, sessionToken: Secret("a b")) == nil)
    #expect(AWSKeys(accessKeyID: "", secret: Self.secret) == nil)
    #expect(AWSKeys(accessKeyID: "AKID", secret: Secret("")) == nil)
  }
}

func sign(
  _ lines: [String], body: String, signer: SigV4Signer, keys: AWSKeys, at time: Timestamp
) -> String? {
  let text = lines.map { $0 + "\r\n" }.joined()
  let result = sign(
    text: text, body: body, signer: signer, keys: keys, at: time, capacity: 64 << 10)
  return result.isSigned ? result.text : nil
}

func sign(
  text: String, body: String, signer: SigV4Signer, keys: AWSKeys, at time: Timestamp,
  capacity: Int
) -> (isSigned: Bool, text: String) {
  let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
  defer { memory.deallocate() }
  var head = ByteWriter(base: memory, capacity: capacity)
  text.withByteView { head.append($0) }
  signer.beginBody()
  // In two pieces, as a body with edits comes.
  body.withByteView { view in
    signer.addBody(view.prefix(view.count / 2))
    signer.addBody(view.dropFirst(view.count / 2))
  }
  let isSigned = signer.sign(&head, keys: keys, at: time)
  return (isSigned, head.written.string)
}
