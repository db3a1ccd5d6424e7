// SPDX-License-Identifier: MIT

public import Bytes
internal import JSON

/// Thoughts of other providers in a client's body that is to pass as it came.
///
/// A conversation may go from one provider to another. What the one wants back of its thoughts is
/// with the client in the client's own form, marked where no one else would take it for theirs; and
/// the provider whose API the client speaks refuses it, in this request and in all that follow. A
/// body with such thoughts goes without them, and with all else as it was written. Of calls without
/// thoughts Gemini 3 wants to be told that they have none.
public enum ForeignThoughts {
  /// The API of the client and the provider.
  public enum API: Sendable {
    case anthropic
    case gemini
    case bedrock
    case responses
  }

  /// What goes to the provider.
  public enum Body: Equatable, Sendable {
    case asItCame
    /// The body without the thoughts, and with a word for the signatures that calls of other
    /// models lack. Where its API names the model in it, it names the target.
    case changed([UInt8], hasLostThoughts: Bool)
    /// The model is to think on in a turn that is nothing without its thoughts: the request is to
    /// be translated, which knows what else is to be done then.
    case unfit
  }

  /// What of a client's body goes to a provider with the same API.
  ///
  /// - Parameters:
  ///   - body: JSON; anything else is left to the provider to refuse.
  ///   - maximumOutputTokens: takes the place of the client's limit in a body that is written
  ///     anew; negative for none.
  public static func body(
    _ body: ByteView, of api: API, to target: UpstreamModel, maximumOutputTokens: Int64 = -1
  ) -> Body {
    guard mayBeIn(body, of: api, target), let root = try? JSONTree().parse(body) else {
      return .asItCame
    }
    var writer = ForeignThoughtsRemover(api, target, maximumOutputTokens)
    return writer.write(root)
  }

  /// The same of a body that is read already.
  static func body(
    _ root: JSONNode, from client: any ClientWire.Type, to target: UpstreamModel
  ) -> Body {
    let apis: [(wire: any ClientWire.Type, api: API)] = [
      (AnthropicClient.self, .anthropic), (GeminiClient.self, .gemini),
      (BedrockClient.self, .bedrock), (ResponsesClient.self, .responses),
    ]
    guard let api = apis.first(where: { $0.wire == client })?.api else { return .asItCame }
    var writer = ForeignThoughtsRemover(api, target, -1)
    return writer.write(root)
  }

  /// The name of what is lost, and why.
  public static func note(in losses: inout LossReport) {
    losses.dropped(Parameter.reasoningReplay.rawValue, "thoughts of another provider")
  }

  // MARK: Marks

  /// Looks for the marks, without reading the body. A quote within a text of JSON has a backslash
  /// before it: such a mark begins a string.
  private static func mayBeIn(_ body: ByteView, of api: API, _ target: UpstreamModel) -> Bool {
    func has(_ mark: StaticString) -> Bool { body.firstIndex(of: mark) != nil }
    switch api {
    case .anthropic:
      return has("\"google#") || has("|gAAAA") || has("\"gAAAA")
        || isClaude(target.name) && hasEmptySignature(body)
    case .gemini:
      // The marks in base64, as far as they do not hang on what follows.
      return has("\"Z2F0ZXdheS") || has("\"ZW5jcnlwdGVkI")
        || target.traits.thinksByLevel && (has("\"functionCall\"") || has("\"function_call\""))
    case .bedrock:
      return has("\"google#") || isClaude(target.name) && has("\"reasoningText\"")
    case .responses:
      return has("\"signature.") || has("|gAAAA") || has("\"thought_signature\"") || hasOwnID(body)
    }
  }

  /// Other servers with Anthropic's API sign nothing, and take their thoughts back as they are.
  static func isClaude(_ model: String) -> Bool { model.contains("claude") }

  private static func hasEmptySignature(_ body: ByteView) -> Bool {
    var from = 0
    while let place = body.firstIndex(of: "\"signature\"", from: from) {
      from = place + 11
      skipSpace(body, &from)
      guard from < body.count, body[from] == UInt8(ascii: ":") else { continue }
      from += 1
      skipSpace(body, &from)
      if body.dropFirst(from).starts(with: "\"\"") { return true }
    }
    return false
  }

  private static func skipSpace(_ body: ByteView, _ index: inout Int) {
    while index < body.count, [0x20, 0x0a, 0x0d, 0x09].contains(body[index]) { index += 1 }
  }

  private static func hasOwnID(_ body: ByteView) -> Bool {
    var from = 0
    while let place = body.firstIndex(of: "\"rs_", from: from) {
      from = place + 4
      let rest = body.dropFirst(from).prefix(32)
      if let end = rest.firstIndex(of: 0x22),
        ResponsesReasoning.isOwn(digits: rest.prefix(end).string.utf8)
      {
        return true
      }
    }
    return false
  }
}

extension ReasoningBlock {
  /// Whether it may be a proof of Anthropic's. Its signatures are base64; those of Gemini bear a
  /// mark that is not, while they are with a client, and what OpenAI has encrypted begins as
  /// nothing of Anthropic's does.
  var isReplayable: Bool {
    guard let proof = encrypted ?? signature else { return false }
    return !proof.isEmpty && !proof.escaped.contains(UInt8(ascii: "#"))
      && !ResponsesReasoning.isOpenAI(proof)
  }
}
