// SPDX-License-Identifier: MIT

import ControlPlane
import Testing

@testable import FakeProviders

/// The message of the error that a body meets; nil when it is answered.
private func refusal(_ body: String, model: String = "gemini-3-flash") -> String? {
  let answer = ProviderExchange(
    ScriptedProvider { 0 }, "/v1beta/models/\(model):generateContent", body,
    headers: [("x-goog-api-key", "k")])
  if answer.status == 200 { return nil }
  #expect(answer.status == 400)
  return answer.json["error"]?["message"]?.stringValue ?? ""
}

private func turns(_ contents: String..., rest: String = "") -> String {
  #"{"contents":[\#(contents.joined(separator: ","))]\#(rest)}"#
}

private let question = #"{"role":"user","parts":[{"text":"hi"}]}"#
private let signature = ThoughtSignature.make("0123456789abcdef")

private func call(_ signature: String?, count: Int = 1) -> String {
  let signed = signature.map { #","thoughtSignature":"\#($0)""# } ?? ""
  let rest = String(repeating: #",{"functionCall":{"name":"g"}}"#, count: count - 1)
  return #"{"role":"model","parts":[{"functionCall":{"name":"f","args":{}}\#(signed)}\#(rest)]}"#
}

private func response(count: Int = 1) -> String {
  let one = #"{"functionResponse":{"name":"f","response":{"result":"42"}}}"#
  return #"{"role":"user","parts":[\#(repeatElement(one, count: count).joined(separator: ","))]}"#
}

@Suite struct GeminiStrictnessTests {
  @Test func signaturesMustComeBack() {
    #expect(refusal(turns(question, call(signature), response())) == nil)
    let missing = "missing a thought_signature"
    #expect(refusal(turns(question, call(nil), response()))?.contains(missing) == true)
    let position = refusal(turns(question, call(nil), response()))
    #expect(position?.contains("`default_api:f` , position 2") == true)
    #expect(refusal(turns(question, call("AAAA"), response())) == "Thought signature is not valid.")
    #expect(refusal(turns(question, call(nil), response()), model: "gemini-2.5-pro") == nil)
    // Only the first of parallel calls is signed, and earlier turns are past.
    #expect(refusal(turns(question, call(signature, count: 2), response(count: 2))) == nil)
    let earlier = turns(
      question, call(nil), response(), #"{"role":"model","parts":[{"text":"ok"}]}"#, question)
    #expect(refusal(earlier) == nil)
    #expect(refusal(turns(question, call("skip_thought_signature_validator"), response())) == nil)
  }

  @Test func callsAndResponsesHaveTheirOrder() {
    #expect(refusal(turns(question, response()))?.contains("after a function call turn") == true)
    #expect(refusal(turns(question, call(signature)))?.contains("function call turn") == true)
    #expect(refusal(turns(question, call(signature), question)) != nil)
    let uneven = turns(question, call(signature, count: 2), response())
    #expect(refusal(uneven)?.contains("number of function response parts") == true)
    let bare = #"{"role":"user","parts":[{"functionResponse":{"name":"f","response":"42"}}]}"#
    #expect(refusal(turns(question, call(signature), bare))?.contains("Struct") == true)
    let nameless = #"{"role":"user","parts":[{"functionResponse":{"response":{}}}]}"#
    #expect(refusal(turns(question, call(signature), nameless))?.contains("Name cannot") == true)
  }

  /// Google's SDK, which calls functions by itself in a stream, sends the stream's last piece back
  /// as a turn.
  @Test func anEmptyTurnOfTheModelIsNone() {
    let empty = #"{"role":"model","parts":[{"text":""}]}"#
    #expect(refusal(turns(question, call(signature), empty, response())) == nil)
    let spoken = #"{"role":"model","parts":[{"text":"so"}]}"#
    #expect(refusal(turns(question, call(signature), spoken, response())) != nil)
  }

  @Test func unknownNamesAreRefusedInBothSpellings() {
    #expect(refusal(turns(question, rest: #","temperature":1"#))?.contains("Unknown name") == true)
    #expect(refusal(turns(question, rest: #","generation_config":{"top_k":3}"#)) == nil)
    #expect(refusal(turns(question, rest: #","generationConfig":{"max_tokens":3}"#)) != nil)
    #expect(refusal("{}")?.contains("contents is not specified") == true)
    #expect(refusal(turns(#"{"role":"assistant","parts":[{"text":"x"}]}"#)) != nil)
    #expect(refusal(turns(#"{"role":"user","parts":[]}"#))?.contains("not be empty") == true)
    #expect(refusal(turns(#"{"role":"user","parts":[{}]}"#))?.contains("oneof") == true)
    let system = #","systemInstruction":"be brief""#
    #expect(refusal(turns(question, rest: system))?.contains("system_instruction") == true)
  }

  @Test func classicSchemasAreNoJSONSchemas() {
    func schema(_ text: String, _ name: String = "parameters") -> String? {
      refusal(
        turns(
          question,
          rest: #","tools":[{"functionDeclarations":[{"name":"f","\#(name)":\#(text)}]}]"#))
    }
    #expect(schema(#"{"type":"object","properties":{"a":{"type":"string"}}}"#) == nil)
    for bad in [
      #"{"type":"object","additionalProperties":false}"#, #"{"$schema":"x"}"#,
      #"{"type":"object","properties":{"a":{"const":1}}}"#, #"{"type":["string","null"]}"#,
      #"{"type":"array","items":{"exclusiveMinimum":1}}"#,
    ] {
      #expect(schema(bad)?.contains("Unknown name") == true)
      #expect(schema(bad, "parametersJsonSchema") == nil)
    }
    #expect(schema(#"{"type":"text"}"#)?.contains("Invalid value at") == true)
    let dotted = #","tools":[{"functionDeclarations":[{"name":"1f"}]}]"#
    #expect(refusal(turns(question, rest: dotted))?.contains("Invalid function name") == true)
  }

  @Test func generationHasItsRanges() {
    func config(_ text: String, model: String = "gemini-3-flash") -> String? {
      refusal(turns(question, rest: #","generationConfig":{\#(text)}"#), model: model)
    }
    #expect(config(#""temperature":2.5"#)?.contains("temperature") == true)
    #expect(config(#""maxOutputTokens":0"#)?.contains("max_output_tokens") == true)
    #expect(config(#""stopSequences":["a","b","c","d","e","f"]"#) != nil)
    #expect(config(#""responseMimeType":"text/html""#)?.contains("mimetypes") == true)
    #expect(config(#""responseSchema":{"type":"OBJECT"}"#)?.contains("response_schema") == true)
    let both = #""thinkingConfig":{"thinkingLevel":"LOW","thinkingBudget":5}"#
    #expect(config(both)?.contains("only one of") == true)
    let level = #""thinkingConfig":{"thinkingLevel":"LOW"}"#
    #expect(config(level) == nil)
    #expect(config(level, model: "gemini-2.5-pro")?.contains("not supported") == true)
  }

  @Test func keysAreAskedFor() {
    func answer(_ headers: [(String, String)]) -> (Int, String?) {
      let exchange = ProviderExchange(
        ScriptedProvider(.init(acceptedKeys: ["good"])) { 0 },
        "/v1beta/models/m:generateContent", turns(question),
        headers: headers.map { (name: $0.0, value: $0.1) })
      return (exchange.status, exchange.json["error"]?["status"]?.stringValue)
    }
    #expect(answer([]) == (403, "PERMISSION_DENIED"))
    #expect(answer([("x-goog-api-key", "bad")]) == (400, "INVALID_ARGUMENT"))
    #expect(answer([("x-goog-api-key", "good")]) == (200, nil))
    #expect(answer([("authorization", "Bearer bad")]) == (401, "UNAUTHENTICATED"))
  }
}
