// SPDX-License-Identifier: MIT

import ControlPlane
import Testing

@testable import FakeProviders

/// The message of the error that a body meets; nil when it is answered.
private func refusal(
  _ messages: String, _ rest: String = "", model: String = "anthropic.claude-sonnet-4-6"
) -> String? {
  let answer = ProviderExchange(
    ScriptedProvider { 0 }, "/model/\(model)/converse",
    #"{"messages":[\#(messages)]\#(rest)}"#, headers: [("Authorization", "Bearer k")])
  if answer.status == 200 { return nil }
  #expect(answer.status == 400)
  #expect(answer.headers["x-amzn-errortype"]?.hasPrefix("ValidationException") == true)
  return answer.json["message"]?.stringValue ?? ""
}

private func user(_ content: String) -> String { #"{"role":"user","content":[\#(content)]}"# }
private func model(_ content: String) -> String { #"{"role":"assistant","content":[\#(content)]}"# }

private let question = user(#"{"text":"hi"}"#)
private let call = #"{"toolUse":{"toolUseId":"t1","name":"f","input":{}}}"#
private let result = #"{"toolResult":{"toolUseId":"t1","content":[{"text":"42"}]}}"#
private let tools = #"""
  ,"toolConfig":{"tools":[{"toolSpec":{"name":"f","inputSchema":{"json":{"type":"object"}}}}]}
  """#

@Suite struct BedrockStrictnessTests {
  @Test func rolesAlternate() {
    #expect(refusal(question) == nil)
    #expect(refusal("")?.contains("must start with a user message") == true)
    #expect(refusal(model(#"{"text":"x"}"#))?.contains("must start with a user") == true)
    #expect(refusal(question + "," + question)?.contains("must alternate") == true)
    #expect(refusal(#"{"role":"tool","content":[]}"#)?.contains("enum value set") == true)
  }

  @Test func contentIsChecked() {
    #expect(refusal(user(""))?.contains("is empty") == true)
    #expect(refusal(user(#"{"text":" "}"#))?.contains("is blank") == true)
    #expect(refusal(user(#"{"type":"text"}"#))?.contains("must set one of") == true)
    #expect(refusal(user(#"{"image":{"format":"jpg"}}"#))?.contains("jpeg") == true)
    let document = #"{"document":{"name":"a.pdf","format":"pdf","source":{"bytes":"AA=="}}}"#
    #expect(refusal(user(document))?.contains("invalid characters") == true)
    let named = document.replacing("a.pdf", with: "a pdf")
    #expect(refusal(user(named))?.contains("with a text") == true)
    #expect(refusal(user(named + #",{"text":"."}"#)) == nil)
  }

  @Test func callsHaveResultsAndAConfiguration() {
    let start = question + "," + model(call)
    #expect(refusal(start + "," + user(result), tools) == nil)
    #expect(refusal(start + "," + user(result))?.contains("toolConfig field must be") == true)
    let missing = refusal(start + "," + user(#"{"text":"x"}"#), tools)
    #expect(missing == "Expected toolResult blocks at messages.2.content for the following Ids: t1")
    #expect(refusal(start, tools)?.contains("Expected toolResult") == true)
    #expect(refusal(user(result), tools)?.contains("exceeds the number") == true)
    let other = result.replacing("t1", with: "t2")
    #expect(refusal(start + "," + user(other), tools)?.contains("does not match") == true)
    let text = call.replacing("{}", with: #""{}""#)
    #expect(refusal(question + "," + model(text), tools)?.contains("json object") == true)
    let dotted = "," + model(call.replacing("t1", with: "a.b"))
    let answered = "," + user(result.replacing("t1", with: "a.b"))
    #expect(refusal(question + dotted + answered, tools)?.contains("pattern") == true)
    #expect(refusal(question + dotted + answered, tools, model: "amazon.nova-pro") == nil)
  }

  @Test func configurationsAreChecked() {
    let none = #","inferenceConfig":{"maxTokens":0}"#
    #expect(refusal(question, none)?.contains("maxTokens") == true)
    #expect(refusal(question, #","inferenceConfig":{"temperature":2}"#) != nil)
    #expect(refusal(question, #","toolConfig":{"tools":[]}"#)?.contains("toolConfig.tools") == true)
    let described = tools.replacing(#""name":"f""#, with: #""name":"f","description":"""#)
    #expect(refusal(question, described)?.contains("description") == true)
    let choice = tools.replacing("]}", with: #"],"toolChoice":{"none":{}}}"#)
    #expect(refusal(question, choice)?.contains("not supported") == true)
    #expect(refusal(question, #","system":[{"text":""}]"#)?.contains("system.1") == true)
  }

  @Test func reasoningIsReplayedVerbatim() {
    let thinking =
      #","additionalModelRequestFields":{"thinking":{"type":"enabled","budget_tokens":2000}}"#
    func turn(_ text: String, _ signature: String) -> String {
      #"{"reasoningContent":{"reasoningText":{"text":"\#(text)","signature":"\#(signature)"}}},"#
        + call
    }
    let signature = ThinkingSignature.sign("I think")
    func next(_ content: String) -> String? {
      refusal(question + "," + model(content) + "," + user(result), tools + thinking)
    }
    #expect(next(turn("I think", signature)) == nil)
    #expect(next(turn("I thought", signature))?.contains("Invalid `signature`") == true)
    #expect(next(call)?.contains("Expected `thinking`") == true)
    let begun = question + "," + model(#"{"text":"x"}"#)
    #expect(refusal(begun, thinking)?.contains("found `text`") == true)
  }

  @Test func whoThinksTakesNoSampling() {
    for kind in [#""adaptive""#, #""enabled","budget_tokens":2000"#] {
      let thinking = #","additionalModelRequestFields":{"thinking":{"type":\#(kind)}"#
      let cold = thinking + #"},"inferenceConfig":{"temperature":0.2}"#
      #expect(refusal(question, cold)?.contains("`temperature` may only be set to 1") == true)
      #expect(refusal(question, thinking + #","top_k":5}"#)?.contains("`top_k`") == true)
      #expect(refusal(question, cold.replacing("0.2", with: "1")) == nil)
    }
  }

  @Test func tokensAreCountedForClaudeAlone() {
    func answer(_ model: String) -> ProviderExchange {
      ProviderExchange(
        ScriptedProvider { 0 }, "/model/\(model)/count-tokens",
        #"{"input":{"converse":{"messages":[\#(question)]}}}"#,
        headers: [("Authorization", "Bearer k")])
    }
    #expect(answer("anthropic.claude-sonnet-4-6").json["inputTokens"] != nil)
    let nova = answer("amazon.nova-pro-v1:0")
    #expect(nova.status == 400)
    #expect(
      nova.json["message"]?.stringValue == "The provided model doesn't support counting tokens.")
  }

  @Test func signaturesAreAskedFor() {
    func status(_ headers: [(String, String)]) -> (Int, String) {
      let answer = ProviderExchange(
        ScriptedProvider(.init(acceptedKeys: ["good"])) { 0 }, "/model/m/converse",
        #"{"messages":[\#(question)]}"#, headers: headers.map { (name: $0.0, value: $0.1) })
      let name = answer.headers["x-amzn-errortype"]?.split(separator: ":").first ?? ""
      return (answer.status, String(name))
    }
    #expect(status([]) == (403, "MissingAuthenticationTokenException"))
    #expect(status([("Authorization", "Bearer bad")]) == (403, "AccessDeniedException"))
    #expect(status([("Authorization", "Bearer good")]) == (200, ""))
    #expect(status([("Authorization", "Basic x")]) == (403, "IncompleteSignatureException"))
  }

  @Test func digestsAreRight() {
    // RFC 4231, test case 2, and FIPS 180-4's empty message.
    let code = SignatureCheck.authenticate(
      Array("what do ya want for nothing?".utf8), key: Array("Jefe".utf8))
    #expect(
      SignatureCheck.hexadecimal(code)
        == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    #expect(
      SignatureCheck.hexadecimal(SignatureCheck.digest([]))
        == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(SignatureCheck.seconds("20260229T000000Z") == 1_772_323_200)
    #expect(SignatureCheck.seconds("19700101T000001Z") == 1)
    #expect(SignatureCheck.seconds("2026-01-01T00:00") == nil)
    #expect(SignatureCheck.canonicalPath("/model/a%3A0/converse") == "/model/a%253A0/converse")
  }
}
