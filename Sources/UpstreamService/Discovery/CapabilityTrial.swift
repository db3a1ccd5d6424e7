// SPDX-License-Identifier: MIT

import JSON
public import ModelCatalog
import Translation

/// One small request that shows whether a model can do a thing.
public enum CapabilityTrial: String, CaseIterable, Hashable, Sendable {
  case chat
  case stream
  case tools
  case parallelTools = "parallel_tools"
  case jsonSchema = "json_schema"
  case vision
  case embeddings

  /// Tokens that the answer may have at most.
  public static let outputTokensMaximum = 256
  /// Trials of one model at most.
  public static let countMaximum = allCases.count

  /// Nil for what the catalogue has no word for.
  public var capability: Capabilities? { Capabilities(name: rawValue) }

  private static let tool = #"""
    {"type":"function","function":{"name":"get_time","description":"The time in a city.",\#
    "parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}}
    """#
  /// A red square of 32 by 32 pixels.
  private static let image =
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAACAAAAAgCAIAAAD8GO2jAAAAJ0lEQVR42u3NsQkAAAjAsP"
    + "7/tF7hIASyp6lTCQQCgUAgEAgEgi/BAjLD/C5w/SM9AAAAAElFTkSuQmCC"

  /// The chat in OpenAI's form; nil for what is no chat.
  ///
  /// - Parameter isForced: tools have to be called, where the trial is about them.
  func chat(model: String, isForced: Bool) -> String? {
    let force = isForced ? ",\"tool_choice\":\"required\"" : ""
    let start =
      #"{"model":"\#(ProtocolWire.escaped(model))","max_tokens":\#(Self.outputTokensMaximum),"#
    func ask(_ text: String, _ rest: String = "") -> String {
      start + #""messages":[{"role":"user","content":"\#(text)"}]\#(rest)}"#
    }
    switch self {
    case .chat: return ask("Reply with the word ok.")
    case .stream: return ask("Reply with the word ok.", #","stream":true"#)
    case .tools:
      return ask(
        "Call get_time to find out what time it is in Paris.",
        ",\"tools\":[\(Self.tool)]\(force)")
    case .parallelTools:
      return ask(
        "What time is it in Paris, and what time in Tokyo? Call the tool for both at once.",
        ",\"tools\":[\(Self.tool)],\"parallel_tool_calls\":true\(force)")
    case .jsonSchema:
      let schema =
        #"{"type":"object","properties":{"ok":{"type":"boolean"}},"required":["ok"],"#
        + #""additionalProperties":false}"#
      return ask(
        "Say that all is ok.",
        #","response_format":{"type":"json_schema","json_schema":{"name":"answer","strict":true,"#
          + #""schema":\#(schema)}}"#)
    case .vision:
      return start
        + #""messages":[{"role":"user","content":[{"type":"text","text":"Which colour is this?"},"#
        + #"{"type":"image_url","image_url":{"url":"\#(Self.image)"}}]}]}"#
    case .embeddings: return nil
    }
  }

  /// Whether a whole answer shows what was asked for.
  func isShown(by response: ChatResponse) -> Bool {
    let blocks = response.choices.first?.blocks ?? []
    let calls = blocks.count { if case .toolCall = $0.content { true } else { false } }
    switch self {
    case .tools: return calls > 0
    case .parallelTools: return calls > 1
    case .jsonSchema:
      var text = ""
      for block in blocks { if case .text(let piece) = block.content { text += piece.plain } }
      return (try? JSONTree().parse(Array(text.utf8)[...]))?["ok"]?.bool != nil
    default: return !response.choices.isEmpty
    }
  }
}

/// What a trial has shown.
public enum TrialResult: Hashable, Sendable {
  case yes
  /// - Parameter reason: in words.
  case no(reason: String)
  /// It could not be tried out.
  case unknown(reason: String)

  public var word: String {
    switch self {
    case .yes: "yes"
    case .no: "no"
    case .unknown: "?"
    }
  }

  public var reason: String? {
    switch self {
    case .yes: nil
    case .no(let reason), .unknown(let reason): reason
    }
  }
}
