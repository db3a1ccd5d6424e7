// SPDX-License-Identifier: MIT

internal import Bytes
internal import HTTPWire
internal import JSON
internal import ModelCatalog
internal import Translation

/// Stage 4: one pass over the body, and what it must say before anything else is done with it.
extension Worker {
  /// Fills the exchange's facts. Answers the request and returns false when the body is no request.
  func scan(_ client: Client) -> Bool {
    switch client.pointee.exchange.endpoint.api {
    case .openAI, .anthropic: break
    // The path says all that routing needs; what else is in the body may pass unread.
    case .gemini where client.pointee.exchange.endpoint.task != .chat: return true
    case .responses: return scanResponses(client)
    case .gemini, .bedrock: return readForeign(client)
    }
    guard scanObject(client) else { return false }
    if let member = client.pointee.exchange.facts.firstWrongKind() {
      refuseParameter(client, member, "must be \(Self.expectation(member))")
      return false
    }
    return hasWhatItNeeds(client, body(of: client))
  }

  @inline(__always)
  func scanObject(_ client: Client) -> Bool {
    let body = body(of: client)
    do throws(JSONError) {
      try ChatRequestScanner.scan(body, into: &client.pointee.exchange.facts)
    } catch {
      refuse(
        client,
        GatewayError(
          .malformedJSON,
          body.isEmpty
            ? "The request has no body; a JSON object is expected."
            : body.starts(with: "\u{feff}")
              ? "The body begins with a byte order mark (at byte 0 of the body); JSON has none."
              : "\(error.sentence) (at byte \(error.offset) of the body)"))
      return false
    }
    return true
  }

  /// Of the Responses API the gateway looks at few members: all others are the provider's business,
  /// or the translator's.
  private func scanResponses(_ client: Client) -> Bool {
    guard scanObject(client) else { return false }
    let facts = client.pointee.exchange.facts
    for member in [ChatRequestMember.model, .stream] where !member.accepts(facts[member].kind) {
      refuseParameter(client, member, "must be \(Self.expectation(member))")
      return false
    }
    guard hasModel(client, facts) else { return false }
    client.pointee.exchange.wantedOutputTokens =
      facts.maxOutputTokens.integer(in: body(of: client)) ?? -1
    noteTier(client, facts, body(of: client))
    return true
  }

  /// The request is charged by the tier that it asks for.
  @inline(__always)
  private func noteTier(_ client: Client, _ facts: ChatRequestFacts, _ body: ByteView) {
    if facts.serviceTier.kind == .string {
      client.pointee.exchange.serviceTier = ServiceTier(body[facts.serviceTier.contents])
    }
  }

  private func hasWhatItNeeds(_ client: Client, _ body: ByteView) -> Bool {
    let facts = client.pointee.exchange.facts
    guard hasModel(client, facts) else { return false }
    let needed: ChatRequestMember =
      switch client.pointee.exchange.endpoint {
      case .completions: .prompt
      case .embeddings: .input
      default: .messages
      }
    guard facts[needed].isPresent else {
      refuseParameter(client, needed, "is missing", kind: .missingParameter)
      return false
    }
    if needed == .messages && facts.messageCount == 0 {
      refuseParameter(client, .messages, "must have at least one message")
      return false
    }
    guard let older = count(client, .maxTokens, facts.maxTokens, body),
      let newer = count(client, .maxCompletionTokens, facts.maxCompletionTokens, body),
      count(client, .n, facts.n, body) != nil
    else { return false }
    client.pointee.exchange.wantedOutputTokens = newer >= 0 ? newer : older
    noteTier(client, facts, body)
    return true
  }

  @inline(__always)
  func hasModel(_ client: Client, _ facts: ChatRequestFacts) -> Bool {
    let isNamed = facts.model.isPresent && facts.model.contents.count > 0
    guard
      isNamed || namesDeployment(client)
        || !facts.model.isPresent && client.pointee.exchange.endpoint == .moderations
    else {
      refuseParameter(client, .model, "is missing", kind: .missingParameter)
      return false
    }
    // Which of two would the provider believe? The gateway decides about rights by this one.
    if facts.isRepeated(.model) || facts.isRepeated(.stream) {
      refuseParameter(
        client, facts.isRepeated(.model) ? .model : .stream, "occurs more than once")
      return false
    }
    return true
  }

  /// The number that `member` says, -1 when it does not occur. Answers the request and returns nil
  /// when it is no count.
  @inline(__always)
  private func count(
    _ client: Client, _ member: ChatRequestMember, _ span: JSONSpan, _ body: ByteView
  ) -> Int64? {
    guard span.isPresent else { return -1 }
    if let value = span.integer(in: body), value > 0 { return value }
    refuseParameter(client, member, "must be a whole number above 0")
    return nil
  }

  func refuseParameter(
    _ client: Client, _ member: ChatRequestMember, _ complaint: String,
    kind: GatewayErrorKind = .invalidParameter
  ) {
    refuse(
      client,
      GatewayError(
        kind, "The parameter '\(member.name)' \(complaint).", parameter: "\(member.name)"))
  }

  static func expectation(_ member: ChatRequestMember) -> String {
    switch member {
    case .model, .user: "a string"
    case .stream: "true or false"
    case .streamOptions, .metadata, .responseFormat: "an object"
    case .maxTokens, .maxCompletionTokens, .n: "a number"
    case .messages, .tools, .functions: "an array"
    case .input, .prompt: "a string or an array"
    case .serviceTier: "a string"
    case .maxOutputTokens: "a number"
    }
  }

  /// The model's name as the client wrote it, unescaped; in scratch memory when it had escapes.
  func requestedModel(_ client: Client) -> ByteView {
    let span = client.pointee.exchange.facts.model
    if client.pointee.exchange.endpoint == .realtime { return realtimeModel(client) }
    if !span.isPresent || namesDeployment(client) { return foreignModel(client) }
    let contents = body(of: client)[span.contents]
    guard span.hasEscapes else { return contents }
    var writer = ByteWriter(base: fieldScratch, capacity: Self.headScratchCapacity)
    JSONString.unescape(contents, into: &writer)
    return writer.written
  }

  /// The same for logs and spans, whatever became of the request: empty where no model is named.
  func namedModel(_ client: Client) -> ByteView {
    let span = client.pointee.exchange.facts.model
    if span.isPresent, span.contents.count == 0 { return .empty }
    let isThere = !headBytes(client).isEmpty && client.pointee.exchange.endpoint.isOfModels
    return isThere ? requestedModel(client) : .empty
  }

  /// Whether the path names the model, as Azure's clients do it; it counts more than the body then.
  func namesDeployment(_ client: Client) -> Bool {
    let path = input(of: client)[client.pointee.head.path]
    return path.starts(with: "/openai/") && !APIEndpoint.model(in: path).isEmpty
  }

  /// The model's name where the body is not scanned for it: in the path, or as it was read.
  private func foreignModel(_ client: Client) -> ByteView {
    var writer = ByteWriter(base: fieldScratch, capacity: Self.headScratchCapacity)
    if client.pointee.exchange.endpoint == .moderations, !namesDeployment(client) {
      writer.append(Self.moderationModel)
    } else if let place = foreignCall(client)?.place {
      place.model.withByteView { writer.append($0) }
    } else if let name = foreignCall(client)?.request?.model, !name.isEmpty {
      name.plain.withByteView { writer.append($0) }
    } else {
      let path = input(of: client)[client.pointee.head.path]
      Self.percentDecoded(APIEndpoint.model(in: path)).withByteView { writer.append($0) }
    }
    return writer.written
  }
}

extension ServiceTier {
  /// The tier by its name in OpenAI's API.
  init(_ name: ByteView) {
    self = name.equals("priority") ? .priority : name.equals("flex") ? .flex : .standard
  }
}
