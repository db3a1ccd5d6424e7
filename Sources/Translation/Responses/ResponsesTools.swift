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
      guard element["type"]?.text != nil else { throw .invalid("\(path).type", "is missing") }
      guard isCallable(element) else { continue }
      guard let name = element["name"]?.text, !name.isEmpty else {
        throw .invalid("\(path).name", "is missing")
      }
      if let parameters = element["parameters"], !parameters.isObject {
        throw .invalid("\(path).parameters", "must be an object")
      }
      tools.append(tool(element, name))
    }
    return tools
  }

  private static func isCallable(_ tool: JSONNode) -> Bool {
    tool["type"]?.equals("function") == true || tool["type"]?.equals("custom") == true
  }

  static func tool(_ node: JSONNode, _ name: JSONText) -> Tool {
    guard node["type"]?.equals("custom") == true else {
      return Tool(
        name: name, description: node["description"]?.text,
        parameters: node["parameters"]?.fragment, isStrict: node["strict"]?.bool)
    }
    var tool = Tool(
      name: name,
      description: CustomTool.description(node["description"]?.text, format: node["format"]),
      parameters: CustomTool.parameters)
    tool.isCustom = true
    return tool
  }

  /// Those that OpenAI works itself.
  static func others(_ node: JSONNode) -> [OtherParameter] {
    node.elements.filter { !isCallable($0) }.map { tool in
      OtherParameter(
        name: JSONText("tools.\(tool["type"]?.string ?? "")"), value: tool.fragment)
    }
  }

  /// - Returns: nil for the choice of a tool that is no function.
  static func readChoice(_ node: JSONNode) throws(TranslationError) -> ToolChoice? {
    if let word = node.string {
      switch word {
      case "auto": return .auto
      case "none": return ToolChoice.none
      case "required": return .required
      default: throw .invalid("tool_choice", "must be auto, none, required or an object")
      }
    }
    switch node["type"]?.string {
    case "function", "custom":
      guard let name = node["name"]?.text else { throw .invalid("tool_choice.name", "is missing") }
      return .named(name)
    case "allowed_tools":
      let names = (node["tools"]?.elements ?? JSONElements.none).compactMap { $0["name"]?.text }
      return .allowed(names, isRequired: node["mode"]?.equals("required") ?? false)
    case nil: throw .invalid("tool_choice", "must be auto, none, required or an object")
    case .some: return nil
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
