// SPDX-License-Identifier: MIT

internal import JSON

/// What a response object repeats of its request. The SDKs' types want most of it, whether the
/// request said it or not.
enum ResponsesEcho {
  /// An object of all these members, with the API's defaults where the request says nothing.
  static func read(_ body: JSONNode) -> JSONFragment {
    .object { json in
      func repeated(_ name: StaticString, _ json: inout JSONBuilder) {
        if let value = body[name] {
          json.member(name, value.fragment)
        } else {
          json.nullMember(name)
        }
      }
      func repeated(
        _ name: StaticString, orElse literal: StaticString, _ json: inout JSONBuilder
      ) {
        json.member(name, body[name]?.fragment ?? JSONFragment(literal: literal))
      }
      json.member("background", bool: false)
      repeated("instructions", &json)
      repeated("max_output_tokens", &json)
      repeated("max_tool_calls", &json)
      repeated("metadata", orElse: "{}", &json)
      repeated("parallel_tool_calls", orElse: "true", &json)
      json.nullMember("previous_response_id")
      for name: StaticString in ["prompt_cache_key", "safety_identifier"] {
        json.member(name, body[name]?.fragment)
      }
      appendReasoning(body["reasoning"], &json)
      json.member("store", bool: false)
      repeated("temperature", orElse: "1.0", &json)
      appendText(body["text"], &json)
      repeated("tool_choice", orElse: #""auto""#, &json)
      json.array("tools") { json in
        for tool in body["tools"]?.elements ?? JSONElements.none { append(tool, &json) }
      }
      repeated("top_logprobs", orElse: "0", &json)
      repeated("top_p", orElse: "1.0", &json)
      repeated("truncation", orElse: #""disabled""#, &json)
      json.member("user", body["user"]?.fragment)
    }
  }

  /// Of a request that said nothing.
  static let plain: JSONFragment = read(JSONFragment(literal: "{}").parsed)

  private static func appendReasoning(_ node: JSONNode?, _ json: inout JSONBuilder) {
    json.object("reasoning") { json in
      for name: StaticString in ["effort", "summary"] {
        if let value = node?[name] {
          json.member(name, value.fragment)
        } else {
          json.nullMember(name)
        }
      }
    }
  }

  private static func appendText(_ node: JSONNode?, _ json: inout JSONBuilder) {
    json.object("text") { json in
      json.member(
        "format", node?["format"]?.fragment ?? JSONFragment(literal: #"{"type":"text"}"#))
      json.member("verbosity", node?["verbosity"]?.fragment)
    }
  }

  private static func append(_ tool: JSONNode, _ json: inout JSONBuilder) {
    json.object { json in
      json.member("type", tool["type"]?.text)
      json.member("name", tool["name"]?.text)
      json.member("description", tool["description"]?.text)
      if let parameters = tool["parameters"] {
        json.member("parameters", parameters.fragment)
      } else {
        json.nullMember("parameters")
      }
      json.member("strict", bool: tool["strict"]?.bool ?? true)
    }
  }
}
