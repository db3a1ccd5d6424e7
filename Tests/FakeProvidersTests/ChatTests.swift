// SPDX-License-Identifier: MIT

import ControlPlane
import Testing

@testable import FakeProviders

private let path = "/v1/chat/completions"

private func chat(_ rest: String, content: String = "Hello!") -> ProviderExchange {
  ProviderExchange(
    path,
    #"{"model":"gpt-4o-mini","messages":[{"role":"user","content":"\#(content)"}]\#(rest)}"#)
}

@Suite struct ChatTests {
  @Test func theAnswerRepeatsTheLastUserMessage() {
    let answer = chat("")
    #expect(answer.status == 200)
    #expect(answer.headers["content-type"] == "application/json")
    #expect(answer.headers["content-length"] == String(answer.body.count))
    let choice = answer.json["choices"]?[0]
    #expect(choice?["message"]?["content"]?.stringValue?.contains("\"Hello!\"") == true)
    #expect(choice?["finish_reason"] == "stop")
    #expect(answer.json["model"] == "gpt-4o-mini")
    #expect(answer.json["created"] == 1_700_000_000)
    #expect(answer.steps.last == .keepOpen)
  }

  @Test func sameInputSameAnswerAndTheSeedChangesIt() {
    #expect(chat("").bytes == chat("").bytes)
    let answers = Set((0..<16).map { chat(#","seed":\#($0)"#).text })
    #expect(answers.count == 16, "ids differ by seed")
    let words = Set(
      (0..<16).compactMap { chat(#","seed":\#($0)"#).json["choices"]?[0]?["message"]?.text })
    #expect(words.count > 1)
  }

  @Test func usageIsTheDocumentedEstimate() {
    let usage = chat("").json["usage"]
    // Three that open the answer, three for the message's frame, `Hello` and `!`.
    #expect(usage?["prompt_tokens"] == 8)
    let content = chat("").json["choices"]?[0]?["message"]?["content"]?.stringValue ?? ""
    let completionTokens = Int64(TokenEstimate.count(content))
    #expect(usage?["completion_tokens"]?.integerValue == completionTokens)
    #expect(usage?["total_tokens"]?.integerValue == 8 + completionTokens)
  }

  @Test func maxTokensCutsWithReasonLength() {
    for name in ["max_tokens", "max_completion_tokens"] {
      let answer = chat(#","\#(name)":3"#).json
      #expect(answer["choices"]?[0]?["finish_reason"] == "length")
      #expect(answer["usage"]?["completion_tokens"] == 3)
    }
    #expect(chat(#","max_tokens":5000"#).json["choices"]?[0]?["finish_reason"] == "stop")
  }

  @Test func stopEndsBeforeTheStopSequence() {
    let script = #","user":"script:text=one two three two one""#
    let single = chat(#","stop":" two"\#(script)"#).json["choices"]?[0]
    #expect(single?["message"]?["content"] == "one")
    #expect(single?["finish_reason"] == "stop")
    let several = chat(#","stop":["three"," two one"]\#(script)"#).json["choices"]?[0]
    #expect(several?["message"]?["content"] == "one two ")
    #expect(chat(#","stop":["a","b","c","d","e"]"#).status == 400)
  }

  @Test func severalChoices() {
    let choices = chat(#","n":3"#).json["choices"]?.arrayValue
    #expect(choices?.compactMap { $0["index"]?.integerValue } == [0, 1, 2])
  }

  @Test func contentPartsAndImagesCount() {
    let parts =
      #"[{"type":"text","text":"Look"},{"type":"image_url","image_url":{"url":"data:,"}}]"#
    let answer = ProviderExchange(
      path, #"{"model":"m","messages":[{"role":"user","content":\#(parts)}]}"#)
    #expect(answer.json["usage"]?["prompt_tokens"] == 92)
    #expect(answer.text.contains("Look"))
  }

  @Test func jsonObjectModeAnswersJSON() throws {
    let answer = chat(#","response_format":{"type":"json_object"}"#, content: "in JSON please")
    let content = try #require(answer.json["choices"]?[0]?["message"]?["content"]?.stringValue)
    let parsed = try JSONValue(parsing: Array(content.utf8))
    #expect(parsed["answer"]?.stringValue?.contains("in JSON please") == true)
    #expect(chat(#","response_format":{"type":"json_object"}"#).status == 400)
  }

  @Test func jsonSchemaModeAnswersAnInstance() throws {
    let schema = #"""
      {"type":"object","required":["city","days"],"properties":{"city":{"type":"string"},
      "days":{"type":"array","minItems":2,"items":{"$ref":"#/$defs/day"}},
      "unit":{"enum":["celsius","fahrenheit"]}},
      "$defs":{"day":{"type":"object","properties":{"high":{"type":"integer","minimum":4}}}}}
      """#
    let answer = chat(
      #","response_format":{"type":"json_schema","json_schema":{"name":"w","schema":\#(schema)}}"#)
    let content = try #require(answer.json["choices"]?[0]?["message"]?["content"]?.stringValue)
    let instance = try JSONValue(parsing: Array(content.utf8))
    #expect(instance["city"] == "Hello!")
    #expect(instance["days"]?.arrayValue?.count == 2)
    #expect(instance["days"]?[1]?["high"] == 4)
    #expect(instance["unit"] == "celsius")
  }

  @Test func recursiveSchemasComeToAnEnd() {
    let schema: JSONValue = [
      "$ref": "#/$defs/node",
      "$defs": [
        "node": [
          "type": "object", "required": ["next"],
          "properties": ["next": ["$ref": "#/$defs/node"], "other": ["$ref": "#/$defs/node"]],
        ]
      ],
    ]
    #expect(SchemaSample.make(for: schema, words: "x").text.utf8.count < 100_000)
  }

  @Test(arguments: [
    (#"{"messages":[{"role":"user","content":"x"}]}"#, "model", "missing_required_parameter"),
    (#"{"model":7,"messages":[{"role":"user","content":"x"}]}"#, "model", "invalid_type"),
    (#"{"model":"m"}"#, "messages", "missing_required_parameter"),
    (#"{"model":"m","messages":[]}"#, "messages", "invalid_value"),
    (
      #"{"model":"m","messages":[{"role":"king","content":"x"}]}"#, "messages[0].role",
      "invalid_value"
    ),
    (
      #"{"model":"m","messages":[{"role":"user","content":3}]}"#, "messages[0].content",
      "invalid_type"
    ),
    (
      #"{"model":"m","messages":[{"role":"user","content":"x"}],"temperature":3}"#, "temperature",
      "invalid_value"
    ),
    (#"{"model":"m","messages":[{"role":"user","content":"x"}],"n":0}"#, "n", "invalid_value"),
    (
      #"{"model":"m","messages":[{"role":"user","content":"x"}],"stream_options":{}}"#,
      "stream_options", "invalid_value"
    ),
    (
      #"{"model":"m","messages":[{"role":"user","content":"x"}],"user":"script:sttus=500"}"#,
      "sttus",
      "invalid_script"
    ),
  ])
  func mistakesAreNamed(body: String, parameter: String, code: String) {
    let answer = ProviderExchange(path, body)
    #expect(answer.status == 400)
    #expect(answer.json["error"]?["type"] == "invalid_request_error")
    #expect(answer.json["error"]?["param"]?.stringValue == parameter)
    #expect(answer.json["error"]?["code"]?.stringValue == code)
  }

  @Test func textThatIsNoJSONIsRefused() {
    for body in ["", "{", "[1]", "nonsense", String(repeating: "[", count: 100_000)] {
      #expect(ProviderExchange(path, body).status == 400)
    }
  }
}
