// SPDX-License-Identifier: MIT

import Bytes
import Clocks
import Credentials
import ModelCatalog

/// Signing a request to Bedrock with a body of a kilobyte, the day's key derived before.
enum SignatureBenchmarks {
  static let head = """
    POST /model/anthropic.claude-3-haiku-20240307-v1%3A0/converse HTTP/1.1\r
    host: bedrock-runtime.eu-west-1.amazonaws.com\r
    accept-encoding: identity\r
    content-type: application/json\r
    content-length: 1024\r

    """

  static func run(_ harness: inout Harness) {
    let token = String(repeating: "t", count: 800)
    guard
      let keys = AWSKeys(
        accessKeyID: "ASIAEXAMPLE", secret: Secret("secret"), sessionToken: Secret(token)),
      let signer = SigV4Signer(region: "eu-west-1")
    else { preconditionFailure("OpenSSL has no SHA-256") }
    let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: 8 << 10)
    defer { memory.deallocate() }
    let body = String(repeating: "x", count: 1024)
    head.withByteView { start in
      body.withByteView { content in
        harness.measure("sign-aws-1KB") {
          var writer = ByteWriter(base: memory, capacity: 8 << 10)
          writer.append(start)
          signer.beginBody()
          signer.addBody(content)
          let isSigned = signer.sign(
            &writer, keys: keys, at: Timestamp(secondsSinceEpoch: 1_700_000_000))
          precondition(isSigned)
          consume(writer)
        }
      }
    }
  }
}
