// SPDX-License-Identifier: MIT

internal import JSON

/// A request as it goes to a provider.
public struct TranslatedRequest: Sendable {
  /// Path and query below the base URL.
  public var path: String
  /// Besides credential, content type and length.
  public var headerFields: [(name: StaticString, value: String)]
  public var body: [UInt8]
  public var losses: LossReport
  /// Of the answer to it.
  public var shape = AnswerShape.usual
}

/// Takes requests from a client's API to a provider's.
public struct RequestTranslator: Sendable {
  public let client: any ClientWire.Type
  public let provider: any ProviderWire.Type

  public init(client: any ClientWire.Type, provider: any ProviderWire.Type) {
    self.client = client
    self.provider = provider
  }

  /// - Throws: `invalidRequest` for a body that is not what the client's API asks for,
  ///   `unsupportedParameter` for what the provider cannot take.
  public func translate(
    _ body: ArraySlice<UInt8>, to target: UpstreamModel
  ) throws(TranslationError) -> TranslatedRequest {
    let root: JSONNode
    do throws(JSONError) {
      root = try JSONTree().parse(body)
    } catch {
      throw TranslationError(
        .invalidRequest, "\(error.sentence) (at byte \(error.offset) of the body)")
    }
    return try translate(try client.readRequest(root), to: target)
  }

  /// As above, for a request that was read before.
  public func translate(
    _ request: ChatRequest, to target: UpstreamModel
  ) throws(TranslationError) -> TranslatedRequest {
    var request = request
    var losses = LossReport()
    try settleTools(&request, target, &losses)
    if request.spellOutDocuments(but: provider.takesTextDocument) {
      losses.approximated(Parameter.fileData.rawValue, "documents of text as texts")
    }
    try RequestCheck.apply(
      provider.parameters, to: &request, target: target, losses: &losses)
    let shape = shape(of: &request, &losses)
    let bytes = try provider.writeRequest(request, to: target, losses: &losses)
    // Whatever a writer leaves out by the model or by what else there is.
    if target.unsupported == .refuse, let loss = losses.losses.first(where: { !$0.isApproximated })
    {
      throw RequestCheck.refusal(loss.parameter, loss.note)
    }
    return TranslatedRequest(
      path: provider.requestPath(to: target, isStream: request.wantsStream),
      headerFields: provider.headerFields(for: target), body: bytes, losses: losses, shape: shape)
  }

  /// Those of what lies around an answer would say nothing of the answer.
  private func settleLogProbabilities(
    of request: inout ChatRequest, _ shape: AnswerShape, _ losses: inout LossReport
  ) {
    guard shape != .usual, request.wantsLogProbabilities == true else { return }
    losses.dropped(Parameter.logProbabilities.rawValue, "the answer is taken out of an object")
    request.remove(.logProbabilities)
    request.remove(.topLogProbabilities)
  }

  /// Tools that only their own provider has are left out or refused.
  private func settleTools(
    _ request: inout ChatRequest, _ target: UpstreamModel, _ losses: inout LossReport
  ) throws(TranslationError) {
    if request.tools.contains(where: \.isCustom) {
      losses.approximated("tools.custom", "as a function with a text")
    }
    let isOwn = (provider as? any OpenAIChatWire.Type)?.quirks.hasToolsOfItsOwn == true
    if isOwn, client == OpenAIChatClient.self { return }
    let ofThem = request.others.filter { Self.isOfOtherTool($0.name) }
    guard !request.otherTools.isEmpty || !ofThem.isEmpty else { return }
    for other in request.otherTools + ofThem {
      let (name, note) = (other.name.plain, "only functions can be called")
      guard target.unsupported == .drop, request.messages.contains(where: { $0.role != .system })
      else { throw RequestCheck.refusal(name, note) }
      losses.dropped(name, note)
    }
    if ofThem.contains(where: { $0.name.equals("tool_choice") }) {
      request.toolChoice = ToolChoice.none
    }
    request.otherTools = []
    request.others.removeAll { Self.isOfOtherTool($0.name) }
    if request.settleToolChoice() {
      guard target.unsupported == .drop else {
        throw RequestCheck.refusal("tool_choice", "only functions can be called")
      }
      losses.dropped("tool_choice", "only functions can be called")
    }
  }

  /// What they did, and their choice.
  private static func isOfOtherTool(_ name: JSONText) -> Bool {
    name.equals("tool_choice") || name.escaped.starts(with: "input.".utf8)
  }

  /// Puts a schema that is no object's into one, where the provider takes no other.
  private func shape(of request: inout ChatRequest, _ losses: inout LossReport) -> AnswerShape {
    var shape = AnswerShape()
    defer { settleLogProbabilities(of: &request, shape, &losses) }
    if case .jsonSchema = request.output { shape.isQuoted = request.answerForm == .enumValue }
    guard !provider.takesAnySchema,
      !Wires.mendsAnswers(of: provider, for: client, in: request.answerForm),
      case .jsonSchema(var format) = request.output,
      let schema = JSONAnswerWrapper.wrapped(format.schema)
    else { return shape }
    format.schema = schema
    request.output = .jsonSchema(format)
    shape.isWrapped = true
    losses.approximated(
      Parameter.jsonSchema.rawValue, "within an object, out of which the answer is taken")
    return shape
  }
}
