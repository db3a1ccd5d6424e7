// SPDX-License-Identifier: MIT

import Bytes
import JSON

/// The scan of a request body, and of what providers answer.
enum JSONBenchmarks {
  /// A chat request of `count` bytes, its filler in the user's message.
  static func request(_ count: Int) -> String {
    let head = """
      {"model":"gpt-4o-mini","messages":[{"role":"system","content":"You are a helpful assistant \
      that answers briefly."},{"role":"user","content":"
      """
    let tail = #""}],"temperature":0.7,"max_tokens":256,"user":"user-1234","stream":false}"#
    let filler = "Please explain in two sentences how a reverse proxy keeps connections alive. "
    let wanted = max(0, count - head.utf8.count - tail.utf8.count)
    let repeated = String(repeating: filler, count: wanted / filler.utf8.count + 1)
    return head + repeated.prefix(wanted) + tail
  }

  static let chunk = """
    {"id":"chatcmpl-123","object":"chat.completion.chunk","created":1750000000,"model":"gpt-4o-mini\
    -2024-07-18","service_tier":"default","system_fingerprint":"fp_1","choices":[{"index":0,"delta"\
    :{"content":" tokens"},"logprobs":null,"finish_reason":null}],"usage":null}
    """

  static func run(_ harness: inout Harness) {
    for (name, count) in [("1k", 1_024), ("16k", 16_384), ("1m", 1 << 20)] {
      request(count).withByteView { body in
        var facts = ChatRequestFacts()
        harness.measure("scan-chat-request-\(name)") {
          do { try ChatRequestScanner.scan(body, into: &facts) } catch {
            preconditionFailure("the request does not scan")
          }
          consume(facts)
        }
      }
    }
    chunk.withByteView { data in
      harness.measure("plain-chunk-check") { consume(ResponseScanner.isPlainChunk(data)) }
      var facts = ResponseFacts()
      harness.measure("scan-chunk") {
        ResponseScanner.scan(data, into: &facts)
        consume(facts)
      }
    }
  }
}
