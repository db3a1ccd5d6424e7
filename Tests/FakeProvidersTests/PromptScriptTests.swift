// SPDX-License-Identifier: MIT

import ControlPlane
import Testing

@testable import FakeProviders

@Suite struct PromptScriptTests {
  private func ask(_ messages: String, _ rest: String = "") -> ProviderExchange {
    ProviderExchange("/v1/chat/completions", #"{"model":"m","messages":[\#(messages)]\#(rest)}"#)
  }

  @Test func onlyTheLastMessageSteers() {
    let first = #"{"role":"user","content":"[[script:status=503]] a"}"#
    #expect(ask(first).status == 503)
    #expect(ask(first + #",{"role":"user","content":"b"}"#).status == 200)
    let parts = #"{"role":"user","content":[{"type":"text","text":"x [[script:status=429]]"}]}"#
    #expect(ask(parts).status == 429)
  }

  @Test func theAnswerDoesNotRepeatTheScript() {
    let answer = ask(#"{"role":"user","content":"Hello [[script:chunk_tokens=3]]"}"#)
    let text = answer.json["choices"]?[0]?["message"]?["content"]?.stringValue ?? ""
    #expect(text.contains("Hello"))
    #expect(!text.contains("script:"))
    #expect(Script.withoutPromptScript("a [[script:x") == "a [[script:x")
    #expect(Script.withoutPromptScript("[[script:]] b") == "b")
  }

  @Test func headersWinOverTheTextAndTheTextOverTheField() {
    let body = #"""
      {"model":"m","user":"script:status=500","messages":[{"role":"user",
      "content":"[[script:status=503]]"}]}
      """#
    let provider = ScriptedProvider { 0 }
    #expect(ProviderExchange(provider, "/v1/chat/completions", body).status == 503)
    let header = ProviderExchange(
      provider, "/v1/chat/completions", body, headers: [("x-scripted-status", "502")])
    #expect(header.status == 502)
  }

  @Test func callsAreScripted() {
    let answer = ask(
      #"{"role":"user","content":"[[script:call=f:%7B%22a%22:1%7D,call=g,before=Well]]"}"#)
    let message = answer.json["choices"]?[0]?["message"]
    #expect(message?["content"] == "Well")
    #expect(message?["tool_calls"]?[0]?["function"]?["arguments"] == #"{"a":1}"#)
    #expect(message?["tool_calls"]?[1]?["function"]?["name"] == "g")
    #expect(answer.json["choices"]?[0]?["finish_reason"] == "tool_calls")
  }

  @Test func refusalsAndUsage() {
    let refusal = ask(#"{"role":"user","content":"[[script:refusal]]"}"#)
    #expect(refusal.json["choices"]?[0]?["message"]?["content"] == .null)
    #expect(refusal.json["choices"]?[0]?["message"]?["refusal"]?.stringValue != nil)
    let usage = ask(#"{"role":"user","content":"[[script:cached_tokens=3,text=a b]]"}"#)
      .json["usage"]
    #expect(usage?["prompt_tokens_details"]?["cached_tokens"] == 3)
    #expect(usage?["completion_tokens"] == 2)
  }

  @Test(arguments: [
    "error=what", "finish=what", "call=", "gzip=2", "wire=none", "bad_crc=x", "cached_tokens=-1",
  ])
  func nonsenseIsRefused(script: String) {
    // An empty name is a name: what is called is the test's business.
    let answer = ask(#"{"role":"user","content":"[[script:\#(script)]]"}"#)
    #expect((answer.status == 200) == (script == "call="))
  }

  @Test func compressedPartsCanBeReadAsTheyArrive() {
    let plain = ask(#"{"role":"user","content":"[[script:text=a b]]"}"#, #","stream":true"#)
    let packed = ask(#"{"role":"user","content":"[[script:text=a b,gzip]]"}"#, #","stream":true"#)
    #expect(packed.headers["content-encoding"] == "gzip")
    #expect(packed.body.starts(with: [0x1F, 0x8B]))
    #expect(packed.body.count > 20)
    #expect(packed.body != plain.body)
  }
}
