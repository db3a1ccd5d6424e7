// SPDX-License-Identifier: MIT

import ControlPlane
import Testing

@testable import FakeProviders

private func ask(_ input: String, _ rest: String = "") -> ProviderExchange {
  ProviderExchange("/v1/responses", #"{"model":"gpt-4o","input":\#(input)\#(rest)}"#)
}

private func say(_ text: String, _ rest: String = "") -> ProviderExchange {
  ask("\"\(text)\"", rest)
}

private let tools = #"""
  ,"tools":[{"type":"function","name":"get_weather","strict":false,"parameters":{"type":"object",
  "properties":{"city":{"type":"string"}}}},
  {"type":"function","name":"get_time","strict":false,"parameters":{"type":"object"}}]
  """#

private let scripts = [
  "text=Hello there.", "reasoning=I think,text=so", "hidden_reasoning=5", "refusal",
  "call=get_weather,call=get_time:%7B%7D", "finish=length", "finish=content_filter",
]

@Suite struct ResponsesTests {
  @Test(.enabled(if: SchemaCheck.openAI != nil, "the schemas are absent"), arguments: scripts)
  func answersAndEventsAreValid(script: String) throws {
    let check = try #require(SchemaCheck.openAI)
    let whole = say("[[script:\(script)]]", tools)
    #expect(check.problems(whole.json, "Response") == [], "\(whole.text)")
    let events = say("[[script:\(script)]]", tools + #","stream":true"#).namedEvents
    #expect(events.count > 3)
    for event in events {
      #expect(check.problems(event.data, "ResponseStreamEvent") == [], "\(event.data.text)")
    }
  }

  @Test func theLastEventHasTheWholeResponse() {
    for script in scripts {
      let events = say("[[script:\(script)]]", tools + #","stream":true"#).namedEvents
      let whole = say("[[script:\(script)]]", tools).json
      #expect(events.last?.data["response"]?["output"] == whole["output"])
      #expect(events.last?.data["response"]?["usage"] == whole["usage"])
      let numbers = events.map { $0.data["sequence_number"]?.integerValue }
      #expect(numbers == (0..<events.count).map { Int64($0) })
      #expect(events.allSatisfy { $0.data["type"]?.stringValue == $0.name })
    }
  }

  @Test func endings() {
    let cut = say("[[script:tokens=50]]", #","max_output_tokens":16"#).json
    #expect(cut["status"] == "incomplete")
    #expect(cut["incomplete_details"]?["reason"] == "max_output_tokens")
    let refusal = say("[[script:refusal]]").json
    #expect(refusal["output"]?[0]?["content"]?[0]?["type"] == "refusal")
    let usage = say("[[script:text=a b,hidden_reasoning=7,cached_tokens=3]]").json["usage"]
    #expect(usage?["output_tokens"] == 9)
    #expect(usage?["output_tokens_details"]?["reasoning_tokens"] == 7)
    #expect(usage?["input_tokens_details"]?["cached_tokens"] == 3)
  }

  @Test func argumentsAreStreamed() {
    let events = say("get_weather", tools + #","stream":true"#).namedEvents
    let deltas = events.filter { $0.name == "response.function_call_arguments.delta" }
    #expect(deltas.count > 3)
    #expect(
      deltas.compactMap { $0.data["delta"]?.stringValue }.joined() == #"{"city":"get_weather"}"#)
  }

  @Test func callsAndOutputsBelongTogether() {
    let call = #"{"type":"function_call","call_id":"c1","name":"get_time","arguments":"{}"}"#
    let output = #"{"type":"function_call_output","call_id":"c1","output":"noon"}"#
    let question = #"{"role":"user","content":[{"type":"input_text","text":"hi"}]}"#
    let answer = ask("[\(question),\(call),\(output)]", tools)
    #expect(answer.json["output"]?[0]?["content"]?[0]?["text"] == "The tool answered: noon")
    #expect(ask("[\(question),\(output)]").text.contains("No tool call found"))
    #expect(ask("[\(question),\(call)]").text.contains("No tool output found"))
  }

  @Test func mistakesAreNamed() {
    #expect(ask("null").json["error"]?["code"] == "missing_required_parameter")
    let output = #"[{"role":"user","content":[{"type":"text","text":"x"}]}]"#
    #expect(ask(output).json["error"]?["param"] == "input[0].content[0]")
    #expect(say("x", #","max_output_tokens":1"#).status == 400)
    let previous = say("x", #","previous_response_id":"resp_1""#)
    #expect(previous.json["error"]?["code"] == "previous_response_not_found")
  }

  @Test func errorsWithinAStream() {
    let events = say("[[script:error_at_chunk=3]]", #","stream":true"#).namedEvents
    #expect(events.map(\.name).last == "error")
    #expect(events.last?.data["type"] == "error")
    let cut = say("[[script:no_done]]", #","stream":true"#).namedEvents
    #expect(cut.last?.name == "response.output_item.done")
  }
}
