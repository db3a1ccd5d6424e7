// SPDX-License-Identifier: MIT

internal import JSON

/// Tools and their choice as the Responses API writes them: flat, without the `function` of chat
/// completions.
enum ResponsesTools {
  static func read(_ node: JSONNode) throws(TranslationError) -> [Tool] {
    guard node.isArray else { throw .invalid("tools", "must be an array") }
    var tools: [Tool] = []
    for (index, element) in node.elements.enumerated() {
      let path = "tools[\(index)]"
      guard element["type"]?.equals("function") == true else {
        throw RequestCheck.refusal(
          "\(path).type",
          "only tools of type 'function' can be called, not '\(element["type"]?.string ?? "")'")
      }
      guard let name = element["name"]?.text, !name.isEmpty else {
        throw .invalid("\(path).name", "is missing")
      }
      if let parameters = element["parameters"], !parameters.isObject {
        throw .invalid("\(path).parameters", "must be an object")
      }
      tools.append(
        Tool(
          name: name, description: element["description"]?.text,
          parameters: element["parameters"]?.fragment, isStrict: element["strict"]?.bool))
    }
    return tools
  }

  static func readChoice(_ node: JSONNode) throws(TranslationError) -> ToolChoice {
    if let word = node.string {
      switch word {
      case "auto": return .auto
      case "none": return .none
      case "required": return .required
      default: throw .invalid("tool_choice", "must be auto, none, required or an object")
      }
    }
    switch node["type"]?.string {
    case "function":
      guard let name = node["name"]?.text else { throw .invalid("tool_choice.name", "is missing") }
      return .named(name)
    case "allowed_tools":
      let names = (node["tools"]?.elements ?? JSONElements.none).compactMap { $0["name"]?.text }
      return .allowed(names, isRequired: node["mode"]?.equals("required") ?? false)
    case let type:
      throw RequestCheck.refusal(
        "tool_choice.type", "only functions can be called, not '\(type ?? "")'")
    }
  }

  // MARK: Writing

  static func append(_ request: ChatRequest, to json: inout JSONBuilder) {
    guard !request.tools.isEmpty else { return }
    json.array("tools") { json in
      for tool in request.tools { append(tool, to: &json) }
    }
    if let choice = request.toolChoice { append(choice, to: &json) }
    json.member("parallel_tool_calls", bool: request.allowsParallelToolCalls)
  }

  /// The API makes a function strict unless told otherwise, which changes its schema.
  private static func append(_ tool: Tool, to json: inout JSONBuilder) {
    json.object { json in
      json.member("type", literal: "function")
      json.member("name", tool.name)
      json.member("description", tool.description)
      json.member(
        "parameters",
        tool.parameters ?? JSONFragment(literal: #"{"type":"object","properties":{}}"#))
      json.member("strict", bool: tool.isStrict ?? false)
    }
  }

  private static func append(_ choice: ToolChoice, to json: inout JSONBuilder) {
    switch choice {
    case .auto: json.member("tool_choice", literal: "auto")
    case .none: json.member("tool_choice", literal: "none")
    case .required: json.member("tool_choice", literal: "required")
    case .named(let name):
      json.object("tool_choice") { json in
        json.member("type", literal: "function")
        json.member("name", name)
      }
    case .allowed(let names, let isRequired):
      json.object("tool_choice") { json in
        json.member("type", literal: "allowed_tools")
        json.member("mode", literal: isRequired ? "required" : "auto")
        json.array("tools") { json in
          for name in names {
            json.object { json in
              json.member("type", literal: "function")
              json.member("name", name)
            }
          }
        }
      }
    }
  }
}
