// SPDX-License-Identifier: MIT

import ControlPlane
import Testing

@testable import FakeProviders

/// One wire with a request for a stream in it; the prompt is put in the place of `PROMPT`.
private struct Case: CustomTestStringConvertible {
  var wire: Wire
  var path: String
  var body: String
  var headers: [(name: String, value: String)] = []

  var testDescription: String { "\(wire.rawValue) \(path)" }

  func ask(_ prompt: String) -> ProviderExchange {
    ProviderExchange(
      ScriptedProvider(.init(wire: wire)) { 0 }, path,
      body.replacing("PROMPT", with: "Hello [[script:\(prompt)]]"), headers: headers)
  }
}

private let chat = #"{"model":"m","stream":true,"messages":[{"role":"user","content":"PROMPT"}]}"#

private let family: [Case] = [Wire.openai, .azure, .deepseek, .xai, .vllm].map { wire in
  Case(wire: wire, path: "/v1/chat/completions", body: chat, headers: [("api-key", "k")])
}

private let others: [Case] = [
  Case(
    wire: .openai, path: "/v1/responses",
    body: #"{"model":"m","stream":true,"input":"PROMPT"}"#),
  Case(
    wire: .anthropic, path: "/v1/messages",
    body: chat.replacing("{\"model\"", with: "{\"max_tokens\":500,\"model\""),
    headers: [("x-api-key", "k"), ("anthropic-version", "2023-06-01")]),
  Case(
    wire: .gemini, path: "/v1beta/models/gemini-3-flash:streamGenerateContent?alt=sse",
    body: #"{"contents":[{"role":"user","parts":[{"text":"PROMPT"}]}]}"#,
    headers: [("x-goog-api-key", "k")]),
  Case(
    wire: .gemini, path: "/v1beta/models/gemini-3-flash:streamGenerateContent",
    body: #"{"contents":[{"role":"user","parts":[{"text":"PROMPT"}]}]}"#,
    headers: [("x-goog-api-key", "k")]),
  Case(
    wire: .bedrock, path: "/model/anthropic.x/converse-stream",
    body: #"{"messages":[{"role":"user","content":[{"text":"PROMPT"}]}]}"#,
    headers: [("Authorization", "Bearer k")]),
  Case(wire: .ollama, path: "/api/chat", body: chat),
]

private let cases = family + others

@Suite struct EveryWireTests {
  @Test(arguments: cases)
  fileprivate func streamsAreWhole(one: Case) {
    let answer = one.ask("")
    #expect(answer.status == 200)
    #expect(answer.body.count > 100)
    #expect(answer.steps.last == .keepOpen)
  }

  @Test(arguments: cases)
  fileprivate func breaksAtAnyByte(one: Case) {
    let whole = one.ask("chunk_tokens=9,text=Hello")
    let framed = whole.bytes.count - headCount(whole)
    for count in stride(from: 0, to: min(framed, 300), by: 13) {
      for (key, end) in [("cut_at", WireStep.close), ("reset_at", .reset), ("stall_at", .stall)] {
        let broken = one.ask("chunk_tokens=9,text=Hello,\(key)=\(count)")
        #expect(broken.steps.last == end)
        #expect(broken.bytes.count - headCount(broken) == min(count, framed))
      }
    }
  }

  private func headCount(_ exchange: ProviderExchange) -> Int {
    let text = String(decoding: exchange.bytes, as: UTF8.self)
    return text.split(separator: "\r\n\r\n", maxSplits: 1)[0].utf8.count + 4
  }

  @Test(arguments: cases)
  fileprivate func errorsOfEveryClassAreErrors(one: Case) {
    for kind in ProviderError.Kind.allCases {
      let answer = one.ask("error=\(kind.rawValue)")
      #expect(answer.status >= 400)
      #expect((answer.json[0] ?? answer.json).objectMembers != nil)
      #expect(one.ask("error=\(kind.rawValue),status=418").status == 418)
    }
    let page = one.ask("html")
    #expect(page.status == 502)
    #expect(page.headers["content-type"] == "text/html")
  }

  @Test(arguments: cases)
  fileprivate func errorsInStreamsComeLast(one: Case) {
    let whole = one.ask("text=one two three")
    let failed = one.ask("text=one two three,error_at_chunk=2,error=overloaded")
    #expect(failed.status == 200)
    #expect(failed.body.count < whole.body.count)
    let alone = one.ask("error_body")
    #expect(alone.status == 200)
    #expect(alone.body.count < failed.body.count)
    let open = one.ask("text=one two three,no_done")
    #expect(whole.body.starts(with: open.body))
    #expect(open.body.count < whole.body.count)
    let early = one.ask("text=one two three,no_finish")
    #expect(whole.body.starts(with: early.body))
    #expect(early.body.count < whole.body.count)
  }

  @Test(arguments: cases)
  fileprivate func splitsAndPausesChangeNothing(one: Case) {
    let whole = one.ask("text=one two")
    let split = one.ask("text=one two,split_bytes=7")
    #expect(split.bytes == whole.bytes)
    #expect(split.steps.count > whole.bytes.count / 7)
    let slow = one.ask("text=one two,slow")
    #expect(slow.body == whole.body)
    #expect(slow.steps.contains(.wait(milliseconds: 100)))
    let packed = one.ask("text=one two,gzip")
    #expect(packed.headers["content-encoding"] == "gzip")
    #expect(packed.body.starts(with: [0x1F, 0x8B]))
  }

  @Test(arguments: cases)
  fileprivate func anotherTryMaySucceed(one: Case) {
    let provider = ScriptedProvider(.init(wire: one.wire)) { 0 }
    let body = one.body.replacing("PROMPT", with: "[[script:error=server,times=2,id=a]]")
    let statuses = (0..<3).map { _ in
      ProviderExchange(provider, one.path, body, headers: one.headers).status
    }
    #expect(statuses[0] >= 500)
    #expect(statuses[1] >= 500)
    #expect(statuses[2] == 200)
  }

  @Test func eventsHaveRarerForms() {
    let one = cases[6]
    let plain = one.ask("text=a b").text
    let carriage = one.ask("text=a b,sse_cr").text
    #expect(carriage.replacing("\r", with: "\n") == plain)
    #expect(one.ask("text=a b,sse_crlf").text.replacing("\r\n", with: "\n") == plain)
    let tight = one.ask("text=a b,sse_no_space").text
    #expect(tight.contains("event:message_start\ndata:{"))
    #expect(one.ask("text=a b,sse_bom").body.starts(with: [0xEF, 0xBB, 0xBF]))
    #expect(one.ask("text=a b,sse_no_last_blank").text + "\n" == plain)
    let unknown = one.ask("text=a b,unknown_event").namedEvents
    #expect(unknown[1].name == "scripted_future_event")
  }

  @Test func usageMayStandInTheFinishChunk() {
    let body = chat.replacing(
      "\"stream\":true", with: "\"stream\":true,\"stream_options\":{\"include_usage\":true}")
    let chunks = ProviderExchange(
      "/v1/chat/completions",
      body.replacing("PROMPT", with: "[[script:usage_with_finish]]")
    ).chunks
    #expect(chunks.last?["choices"]?[0]?["finish_reason"] == "stop")
    #expect(chunks.last?["usage"]?["total_tokens"] != nil)
  }

  @Test func wiresAreToldApartByTheirPaths() {
    for one in cases where one.wire != .deepseek && one.wire != .xai && one.wire != .vllm {
      let request = ReceivedRequest(method: "POST", target: one.path, headers: one.headers)
      let expected = one.wire == .azure ? Wire.openai : one.wire
      #expect(Wire.speaking(request) == expected)
    }
    let azure = ReceivedRequest(method: "POST", target: "/openai/deployments/d/embeddings")
    #expect(Wire.speaking(azure) == .azure)
  }
}
