// SPDX-License-Identifier: MIT

import Bytes
import ControlPlane
import Telemetry
import Testing

@testable import TelemetryExport

@Suite struct CapturedContentTests {
  static func rewritten(_ attribute: SpanAttribute, _ text: String) throws -> JSONValue {
    let rewritten = try #require(text.withByteView { CapturedContent.rewrite(attribute, $0) })
    return try JSONValue(parsing: Array(rewritten.utf8))
  }

  static func expect(
    _ attribute: SpanAttribute, _ wire: String, becomes expected: String,
    location: SourceLocation = #_sourceLocation
  ) throws {
    #expect(
      try rewritten(attribute, wire) == JSONValue(parsing: Array(expected.utf8)),
      sourceLocation: location)
  }

  @Test func messagesIn() throws {
    try Self.expect(
      .inputMessages,
      """
      [{"role":"system","content":"Be brief."},
       {"role":"user","content":[{"type":"text","text":"Weather?"},
         {"type":"image_url","image_url":{"url":"https://example.org/a.png"}}]},
       {"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function",
         "function":{"name":"weather","arguments":"{\\"city\\":\\"Oslo\\"}"}}]},
       {"role":"tool","tool_call_id":"c1","content":"rain"}]
      """,
      becomes: """
        [{"role":"system","parts":[{"type":"text","content":"Be brief."}]},
         {"role":"user","parts":[{"type":"text","content":"Weather?"},
           {"type":"uri","modality":"image","uri":"https://example.org/a.png"}]},
         {"role":"assistant","parts":[{"type":"tool_call","id":"c1","name":"weather",
           "arguments":{"city":"Oslo"}}]},
         {"role":"tool","parts":[{"type":"tool_call_response","id":"c1","response":"rain"}]}]
        """)
  }

  @Test func prompts() throws {
    try Self.expect(
      .inputMessages, "\"Once\"",
      becomes: #"[{"role":"user","parts":[{"type":"text","content":"Once"}]}]"#)
  }

  @Test func wholeAnswers() throws {
    try Self.expect(
      .outputMessages,
      #"{"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"#
        + #""finish_reason":"stop"}]}"#,
      becomes: #"[{"role":"assistant","parts":[{"type":"text","content":"Hi"}],"#
        + #""finish_reason":"stop"}]"#)
  }

  @Test func streams() throws {
    try Self.expect(
      .outputMessages,
      """
      {"choices":[{"index":0,"delta":{"role":"assistant","content":"He"}}]}
      {"choices":[{"index":0,"delta":{"content":"llo"}}]}
      {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"c1","function":{"name":"f"}}]}}]}
      {"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\\"a\\""}}]}}]}
      {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":":1}"}}]}}]}
      {"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}
      {"choices":[],"usage":{"prompt_tokens":1}}

      """,
      becomes: #"[{"role":"assistant","finish_reason":"tool_call","parts":["#
        + #"{"type":"text","content":"Hello"},"#
        + #"{"type":"tool_call","id":"c1","name":"f","arguments":{"a":1}}]}]"#)
  }

  @Test func mediaAndThoughts() throws {
    try Self.expect(
      .inputMessages,
      """
      [{"role":"user","content":[
         {"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}},
         {"type":"input_audio","input_audio":{"data":"AAAA","format":"mp3"}},
         {"type":"file","file":{"file_id":"f1"}}, {"type":"new","new":1}]},
       {"role":"assistant","reasoning_content":"Hm.","content":"Hi"}]
      """,
      becomes: """
        [{"role":"user","parts":[
           {"type":"blob","modality":"image","mime_type":"image/png","content":"AA=="},
           {"type":"blob","modality":"audio","mime_type":"audio/mp3","content":"AAAA"},
           {"type":"file","modality":"document","file_id":"f1"}, {"type":"new","new":1}]},
         {"role":"assistant","parts":[{"type":"reasoning","content":"Hm."},
           {"type":"text","content":"Hi"}]}]
        """)
    try Self.expect(
      .outputMessages,
      """
      {"choices":[{"index":0,"delta":{"reasoning":"H"}}]}
      {"choices":[{"index":0,"delta":{"reasoning":"m."}}]}
      {"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}]}

      """,
      becomes: #"[{"role":"assistant","finish_reason":"stop","parts":["#
        + #"{"type":"reasoning","content":"Hm."},{"type":"text","content":"Hi"}]}]"#)
  }

  @Test func tools() throws {
    try Self.expect(
      .toolDefinitions,
      #"[{"type":"function","function":{"name":"f","strict":true,"parameters":{"type":"object"}}},"#
        + #"{"type":"custom","custom":{"name":"c"}}]"#,
      becomes: #"[{"type":"function","name":"f","parameters":{"type":"object"}},"#
        + #"{"type":"custom","custom":{"name":"c"}}]"#)
    #expect("{}".withByteView { CapturedContent.rewrite(.toolDefinitions, $0) } == nil)
  }

  @Test func whatIsNotReadIsLeftOut() {
    #expect("{".withByteView { CapturedContent.rewrite(.inputMessages, $0) } == nil)
    #expect("7".withByteView { CapturedContent.rewrite(.inputMessages, $0) } == nil)
    #expect("nothing".withByteView { CapturedContent.rewrite(.outputMessages, $0) } == nil)
  }
}
