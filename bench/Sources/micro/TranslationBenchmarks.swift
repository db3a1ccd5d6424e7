// SPDX-License-Identifier: MIT

import Bytes
import JSON
import Translation

/// One event of a stream with text, as it comes from a provider: watched and passed on where the
/// client speaks the same API, or translated.
enum TranslationBenchmarks {
  static let anthropicStart = """
    event: message_start
    data: {"type":"message_start","message":{"id":"msg_bench","type":"message","role":"assistant",\
    "model":"claude-sonnet-4-5-20250929","content":[],"stop_reason":null,"stop_sequence":null,\
    "usage":{"input_tokens":30,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,\
    "output_tokens":1}}}

    event: content_block_start
    data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}


    """
  static let anthropicEvent = """
    event: content_block_delta
    data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" token"}}


    """
  static let openAIEvent = """
    data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1750000000,\
    "model":"gpt-4o-mini-2024-07-18","service_tier":"default","system_fingerprint":"fp_bench",\
    "choices":[{"index":0,"delta":{"content":" token"},"logprobs":null,"finish_reason":null}]}


    """
  static let context = AnswerContext(
    requestID: "0123456789abcdef", createdSeconds: 1_750_000_000, model: "claude-sonnet-4-5")

  static func run(_ harness: inout Harness) throws {
    let cases: [(name: String, provider: String, client: String, start: String, event: String)] = [
      ("event-anthropic-passed", "anthropic", "anthropic", anthropicStart, anthropicEvent),
      ("event-anthropic-to-openai", "anthropic", "openai", anthropicStart, anthropicEvent),
      ("event-openai-to-anthropic", "openai", "anthropic", "", openAIEvent),
    ]
    for one in cases where harness.wants(one.name) {
      guard let provider = Wires.provider(named: one.provider),
        let client = Wires.client(named: one.client)
      else { preconditionFailure("no such API") }
      var translator = StreamTranslator(
        decoder: provider.makeStreamDecoder(), framing: provider.framing,
        encoder: client.makeStreamEncoder(context), passesFrames: one.provider == one.client)
      var output: [UInt8] = []
      try one.start.withByteView { start in
        try one.event.withByteView { event in
          if !start.isEmpty { try translator.feed(start, into: &output) }
          try harness.measure(one.name) {
            output.removeAll(keepingCapacity: true)
            try translator.feed(event, into: &output)
            consume(output)
          }
        }
      }
      precondition(!output.isEmpty, "an event came to nothing")
    }
  }
}
