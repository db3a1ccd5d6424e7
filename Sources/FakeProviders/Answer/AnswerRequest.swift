// SPDX-License-Identifier: MIT

internal import ControlPlane

/// What an answer depends on, in the terms that all wires share: each wire reads its requests into
/// one of these, after its own checks.
struct AnswerRequest {
  /// One message, with its content parts joined to one text.
  struct Message {
    /// `system`, `developer`, `user`, `assistant`, `tool` or `function`.
    var role: String
    var text: String
    var imageCount = 0
    /// Name and arguments of the tool calls an assistant message carries, for the token count.
    var toolCallText = ""

    /// The text without a script in it: a script changes neither what is answered nor what it
    /// costs.
    var words: String { Script.withoutPromptScript(text) }
  }

  struct Tool {
    var isCustom = false
    var name: String
    /// The JSON schema of the arguments; null for none.
    var parameters: JSONValue
    /// The whole definition as text, for the token count.
    var definitionText: String
  }

  enum ToolChoice: Equatable {
    case none
    case automatic
    case required
    case named(String)
  }

  enum ResponseFormat {
    case text
    case jsonObject
    case jsonSchema(JSONValue)
    /// One of some words, without quotes.
    case word(String)
  }

  var model = ""
  var messages: [Message] = []
  var tools: [Tool] = []
  var toolChoice = ToolChoice.automatic
  var callsToolsInParallel = true
  var choiceCount = 1
  var stops: [String] = []
  var tokensMaximum: Int?
  var isStream = false
  var includesUsage = false
  var responseFormat = ResponseFormat.text
  /// Whether the request asks for reasoning that the answer shows.
  var wantsReasoning = false
  var seed: Int64 = 0
  var givesLogprobs = false
  var topLogprobs = 0
  var user = ""

  /// The words of the last message of the role `user`; empty when there is none.
  var lastUserText: String { messages.last { $0.role == "user" }?.words ?? "" }

  /// The tokens of every message and three for its frame, 85 for an image, the definitions of the
  /// tools, and three that open the answer.
  var promptTokens: Int {
    var count = 3
    for message in messages {
      count += 3 + TokenEstimate.count(message.words) + TokenEstimate.count(message.toolCallText)
      count += 85 * message.imageCount
    }
    for tool in tools { count += TokenEstimate.count(tool.definitionText) }
    return count
  }
}
