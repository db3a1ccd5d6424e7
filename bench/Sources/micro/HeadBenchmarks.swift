// SPDX-License-Identifier: MIT

import Bytes
import HTTPWire

/// Request and response heads, as a chat request and its provider's answer have them.
enum HeadBenchmarks {
  static let request = """
    POST /v1/chat/completions HTTP/1.1\r
    Host: gateway.example.com\r
    Accept: application/json\r
    Accept-Encoding: gzip, deflate\r
    Connection: keep-alive\r
    Content-Type: application/json\r
    User-Agent: OpenAI/Python 2.8.0\r
    X-Stainless-Lang: python\r
    X-Stainless-Package-Version: 2.8.0\r
    X-Stainless-OS: Linux\r
    X-Stainless-Arch: x64\r
    X-Stainless-Runtime: CPython\r
    X-Stainless-Runtime-Version: 3.11.7\r
    Authorization: Bearer sk-bench-0123456789abcdef\r
    X-Stainless-Async: false\r
    x-stainless-retry-count: 0\r
    x-stainless-read-timeout: 600\r
    Content-Length: 1024\r
    \r

    """

  static func run(_ harness: inout Harness) {
    var parser = RequestHeadParser()
    let fields = UnsafeMutablePointer<HeaderField>.allocate(capacity: 128)
    defer { fields.deallocate() }
    var table = HeaderTable(storage: fields, capacity: 128)
    request.withByteView { bytes in
      harness.measure("request-head-18-fields") {
        guard case .complete(let head) = parser.parse(bytes, limits: HeadLimits(), table: &table)
        else { preconditionFailure("the head does not parse") }
        consume(head)
      }
    }
  }
}
