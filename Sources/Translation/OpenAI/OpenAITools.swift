// SPDX-License-Identifier: MIT

internal import JSON

/// Tools and their choice as chat completions write them.
enum OpenAITools {
  static func read(_ node: JSONNode) throws(TranslationError) -> [Tool] {
    guard node.isArray else { throw .invalid("tools", "must be an array") }
    var tools: [Tool] = []
    for (index, element) in node.elements.enumerated() where isFunction(element) {
      guard let function = element["function"] else {
        throw .invalid("tools[\(index)].function", "is missing")
      }
      var tool = try read(function: function, "tools[\(index)].function")
      tool.cacheControl = element["cache_control"]?.fragment
      tools.append(tool)
    }
    return tools
  }

  private static func isFunction(_ tool: JSONNode) -> Bool {
    tool["type"]?.equals("function") ?? true
  }

  /// Tools of other types, as they were written.
  static func others(_ node: JSONNode) -> [OtherParameter] {
    node.elements.filter { !isFunction($0) }.map { tool in
      OtherParameter(
        name: JSONText("tools.\(tool["type"]?.string ?? "")"), value: tool.fragment)
    }
  }

  private static func read(
    function: JSONNode, _ path: String
  ) throws(TranslationError) -> Tool {
    guard let name = function["name"]?.text, !name.isEmpty else {
      throw .invalid("\(path).name", "is missing")
    }
    if let parameters = function["parameters"], !parameters.isObject {
      throw .invalid("\(path).parameters", "must be an object")
    }
    return Tool(
      name: name, description: function["description"]?.text,
      parameters: function["parameters"]?.fragment, isStrict: function["strict"]?.bool)
  }

  /// - Returns: nil for the choice of a tool that is no function.
  static func readChoice(_ node: JSONNode) throws(TranslationError) -> ToolChoice? {
    switch node.string {
    case "auto": return .auto
    case "none": return ToolChoice.none
    case "required": return .required
    case .some:
      throw .invalid("tool_choice", "must be auto, none, required or an object")
    case nil: break
    }
    if node["type"]?.equals("allowed_tools") == true, let allowed = node["allowed_tools"] {
      let names = (allowed["tools"]?.elements).map { elements in
        elements.compactMap { ($0["function"]?["name"] ?? $0["name"])?.text }
      }
      return .allowed(names ?? [], isRequired: allowed["mode"]?.equals("required") ?? false)
    }
    if node["type"]?.equals("custom") == true { return nil }
    guard let name = node["function"]?["name"]?.text else {
      throw .invalid("tool_choice.function.name", "is missing")
    }
    return .named(name)
  }

  /// The arguments of a call: a text, or an object, as some servers and clients write them.
  static func arguments(_ node: JSONNode?) -> JSONText? {
    guard let node else { return nil }
    return node.text ?? (node.isObject ? node.fragment.quoted : nil)
  }

  // MARK: The older form

  static func readLegacy(_ node: JSONNode) throws(TranslationError) -> [Tool] {
    guard node.isArray else { throw .invalid("functions", "must be an array") }
    var tools: [Tool] = []
    for (index, element) in node.elements.enumerated() {
      tools.append(try read(function: element, "functions[\(index)]"))
    }
    return tools
  }

  static func readLegacyChoice(_ node: JSONNode) throws(TranslationError) -> ToolChoice {
    if node.equals("auto") { return .auto }
    if node.equals("none") { return .none }
    guard let name = node["name"]?.text else {
      throw .invalid("function_call", "must be auto, none or an object with a name")
    }
    return .named(name)
  }

  // MARK: Writing

  static func append(_ request: ChatRequest, to json: inout JSONBuilder) {
    guard !request.tools.isEmpty || !request.otherTools.isEmpty else { return }
    json.array("tools") { json in
      for tool in request.tools {
        json.object {
          $0.member("type", literal: "function")
          $0.object("function") {
            $0.member("name", tool.name)
            $0.member("description", tool.description)
            $0.member("parameters", tool.parameters)
            $0.member("strict", bool: tool.isStrict)
          }
        }
      }
      for tool in request.otherTools { json.raw(tool.value) }
    }
    if let choice = request.toolChoice { append(choice, to: &json) }
    json.member("parallel_tool_calls", bool: request.allowsParallelToolCalls)
  }

  private static func append(_ choice: ToolChoice, to json: inout JSONBuilder) {
    switch choice {
    case .auto: json.member("tool_choice", literal: "auto")
    case .none: json.member("tool_choice", literal: "none")
    case .required: json.member("tool_choice", literal: "required")
    case .named(let name):
      json.object("tool_choice") {
        $0.member("type", literal: "function")
        $0.object("function") { $0.member("name", name) }
      }
    case .allowed(let names, let isRequired):
      json.object("tool_choice") {
        $0.member("type", literal: "allowed_tools")
        $0.object("allowed_tools") {
          $0.member("mode", literal: isRequired ? "required" : "auto")
          $0.array("tools") { json in
            for name in names {
              json.object {
                $0.member("type", literal: "function")
                $0.object("function") { $0.member("name", name) }
              }
            }
          }
        }
      }
    }
  }

  // MARK: Ids

  /// For a call that came without one, as clients need it. An answer's own id makes it one that no
  /// other answer has.
  ///
  /// - Parameter answer: the answer or, of a stream, the chunk in which the call begins.
  static func identifier(in answer: JSONNode, choice: Int64, place: Int) -> JSONText {
    let count = "\(choice)_\(place)"
    guard answer["id"]?.text?.isEmpty == false else { return JSONText("call_" + count) }
    return JSONText("call_\(ToolIdentifiers.digest(of: answer.fragment.bytes))_\(count)")
  }
}
