// SPDX-License-Identifier: MIT

internal import Accounts
internal import Bytes
internal import Clocks
internal import EventLoop
internal import HTTPWire
internal import JSON
internal import ModelCatalog
internal import Network
internal import Providers
internal import Routing
internal import Translation

/// Requests whose client or upstream does not speak OpenAI's API: how they are read, and what goes
/// upstream for them.
extension Worker {
  /// The call of an exchange that has one.
  @inline(__always)
  func foreignCall(_ client: Client) -> ForeignCall? {
    client.pointee.exchange.foreign?.takeUnretainedValue()
  }

  /// The exchange's call, made when it is first needed.
  func makeForeignCall(_ client: Client) -> ForeignCall {
    if let call = foreignCall(client) { return call }
    let call = ForeignCall(
      client: client.pointee.exchange.endpoint.wire, context: answerContext(client))
    client.pointee.exchange.foreign = Unmanaged.passRetained(call)
    return call
  }

  func releaseForeignCall(_ client: Client) {
    client.pointee.exchange.foreign?.release()
    client.pointee.exchange.foreign = nil
  }

  func answerContext(_ client: Client) -> AnswerContext {
    let endpoint = client.pointee.exchange.endpoint
    let high = String(random.next(), radix: 16)
    let low = String(random.next(), radix: 16)
    return AnswerContext(
      requestID: String((high + low + "000000000000000000000000").prefix(24)),
      createdSeconds: wallMilliseconds / 1_000,
      model: JSONText(requestedModel(client).string),
      wantsStreamUsage: client.pointee.exchange.facts.wantsUsage,
      wantsJSONArray: endpoint == .geminiStream && !asksForEvents(client))
  }

  /// `alt=sse` in the query of a Gemini client.
  func asksForEvents(_ client: Client) -> Bool {
    let head = input(of: client)
    return head[client.pointee.head.query].firstIndex(of: "alt=sse") != nil
  }

  // MARK: Reading

  /// Reads a request whose API names model or stream elsewhere than OpenAI's. Answers the request
  /// and returns false when the body is no request.
  func readForeign(_ client: Client) -> Bool {
    let call = makeForeignCall(client)
    guard readRequest(client, call) else { return false }
    guard let request = call.request else { return false }
    client.pointee.exchange.foreignWantsStream = request.wantsStream
    client.pointee.exchange.foreignHasTools = !request.tools.isEmpty
    client.pointee.exchange.foreignHasImages = request.parametersUsed.contains {
      $0 == .imageData || $0 == .imageURL || $0 == .imageFile
    }
    client.pointee.exchange.wantedOutputTokens = request.maximumOutputTokens?.integer ?? -1
    if let tier = request.serviceTier {
      client.pointee.exchange.serviceTier = tier.plain.withByteView { ServiceTier($0) }
    }
    return true
  }

  func readRequest(_ client: Client, _ call: ForeignCall) -> Bool {
    let endpoint = client.pointee.exchange.endpoint
    let isInPath = endpoint.api.namesModelInPath || namesDeployment(client)
    let pathModel = isInPath ? requestedModel(client).string : nil
    do throws(TranslationError) {
      try call.read(body(of: client), counts: endpoint.task == .tokenCount) { request in
        if let pathModel { request.model = JSONText(pathModel) }
        if endpoint == .geminiStream || endpoint == .bedrockStream {
          request.wantsStream = true
          request.wantsStreamUsage = true
        }
      }
      return true
    } catch {
      if client.pointee.exchange.hedge?.pointee.isParked == true {
        // The client has another attempt under way.
        call.failure = error
      } else {
        refuse(client, gatewayError(error))
      }
      return false
    }
  }

  func gatewayError(_ error: TranslationError) -> GatewayError {
    GatewayError(
      error.kind == .unsupportedParameter ? .unsupportedParameter : .invalidParameter,
      error.message, parameter: error.parameter)
  }

  // MARK: An attempt

  /// Makes ready what goes to the deployment at hand. False when its provider cannot be asked for
  /// this; its call says why, or the client has its answer.
  @inline(__always)
  func prepareAttempt(
    _ client: Client, _ deployment: UnsafeMutablePointer<DeploymentRuntime>
  ) -> Bool {
    let wireProtocol = deployment.pointee.deployment.wireProtocol
    if client.pointee.exchange.endpoint.api == .openAI,
      wireProtocol.passesChats || passesAllButChats(client, wireProtocol),
      client.pointee.exchange.endpoint != .completions
        || hasCompletions(client, deployment.pointee.deployment)
    {
      if client.pointee.exchange.foreign != nil { releaseForeignCall(client) }
      return true
    }
    if client.pointee.exchange.endpoint == .realtime { return false }
    return prepareForeign(client, deployment.pointee.deployment)
  }

  /// What is no chat passes to every server with OpenAI's API.
  @inline(never)
  private func passesAllButChats(_ client: Client, _ wireProtocol: WireProtocol) -> Bool {
    wireProtocol.isOpenAI && client.pointee.exchange.endpoint != .chatCompletions
  }

  @inline(never)
  private func prepareForeign(_ client: Client, _ deployment: Deployment) -> Bool {
    let call = makeForeignCall(client)
    prepareContent(client, call)
    if let place = call.place, !place.isAt(deployment) { return false }
    let model =
      (deployment.isOpen ? openModel(client, deployment) : deployment.upstreamModel).string
    let provider = deployment.wireProtocol.wire(for: model)
    let catalog = client.pointee.exchange.lease!.pointee.snapshot.catalog
    // Of a model that is not known there is no limit that is known.
    let limit = deployment.isOpen ? 0 : catalog.model(deployment.model).maximumOutputTokens
    let target = UpstreamModel(
      name: model, traits: provider.traits(of: model),
      maximumOutputTokens: limit > 0 ? limit : nil,
      contextTokens: catalog.model(deployment.model).contextWindowTokens,
      dialect: deployment.wireProtocol == .vertex ? .vertex : .plain,
      unsupported: settings.refusesUnsupportedParameters ? .refuse : .drop)
    let api = client.pointee.exchange.endpoint.api
    let cap = client.pointee.exchange.outputTokensMaximum
    switch client.pointee.exchange.endpoint.task {
    case .chat where api == .responses && deployment.hasResponses, .storedResponse:
      prepareResponse(client, call, deployment, target)
      return true
    case .chat: break
    case .embeddings: return prepareEmbeddings(client, call, deployment, provider, target)
    // Only servers with OpenAI's API are asked for it.
    case .media: return false
    case .tokenCount: return prepareTokenCount(client, call, deployment, provider, target)
    }
    // Only a body that is scanned as OpenAI's can be edited in place, and only a stream of events
    // be passed on as one.
    if api != .openAI, api.isSpoken(by: deployment.wireProtocol), api == .anthropic || cap < 0,
      !call.context.wantsJSONArray
    {
      let own = ownBody(client, target)
      if own != .unfit {
        call.pass(to: provider, target, isStream: client.pointee.exchange.wantsStream, own)
        return true
      }
    }
    if deployment.wireProtocol == .vertex, api.isSpokenToVertex(by: provider), cap < 0,
      !call.context.wantsJSONArray, passesToVertex(client, call, provider, target)
    {
      return call.failure == nil
    }
    guard call.request != nil || readRequest(client, call) else { return false }
    do throws(TranslationError) {
      try call.translate(for: provider, target, maximumOutputTokens: cap) {
        shared.replays.restore(
          &$0, for: $1, tenant: tenant(client),
          nowMilliseconds: nowMilliseconds)
      }
      // Google's cloud has the models of others behind OpenAI's API at a place of its own.
      if deployment.wireProtocol == .vertex, provider == OpenAICompatibleChat.self {
        call.path = "/endpoints/openapi" + call.path
      }
      return true
    } catch {
      call.failure = error
      return false
    }
  }

  /// What of the client's body goes to a provider with the client's own API.
  func ownBody(_ client: Client, _ target: UpstreamModel) -> ForeignThoughts.Body {
    guard let api = client.pointee.exchange.endpoint.api.thoughts else { return .asItCame }
    let isCount = client.pointee.exchange.endpoint.task == .tokenCount
    return ForeignThoughts.body(
      body(of: client), of: api, to: target,
      maximumOutputTokens: isCount ? -1 : client.pointee.exchange.outputTokensMaximum)
  }

  /// Whether the call was made a request, or has failed at it.
  private func passesToVertex(
    _ client: Client, _ call: ForeignCall, _ provider: any ProviderWire.Type,
    _ target: UpstreamModel
  ) -> Bool {
    let own = ownBody(client, target)
    guard own != .unfit else { return false }
    do throws(TranslationError) {
      return try call.passToVertex(
        body(of: client), provider, target, isStream: client.pointee.exchange.wantsStream, own)
    } catch {
      call.failure = error
      return true
    }
  }

  /// Whether the body goes upstream without edits: the gateway's own, or one that was not scanned.
  func isSentAsWritten(_ client: Client) -> Bool {
    guard let call = foreignCall(client) else { return false }
    return call.body != nil || client.pointee.exchange.endpoint.api.namesModelInPath
      || client.pointee.exchange.endpoint.task == .storedResponse
  }

  /// The body that goes upstream, before its edits.
  @inline(__always)
  func outgoingBody(_ client: Client) -> ByteView {
    if client.pointee.exchange.foreign != nil, let call = foreignCall(client) {
      if let body = call.body { return body }
      if call.hasNoBody { return .empty }
    }
    return body(of: client)
  }

  /// The head of a request that goes upstream for a call.
  func appendForeignHead(
    _ client: Client, _ call: ForeignCall, contentLength: Int, to head: inout ByteWriter
  ) {
    let deployment = currentDeployment(client).pointee.deployment
    let endpoint = upstreamEndpoint(client, deployment)
    // Fields of one API mean nothing, or something else, to another.
    let passed =
      call.isPassing || call.isMending ? passedRequestFields(client) : .empty
    let hasVersion =
      call.isPassing && requestFields(client).contains(named: "anthropic-version")
    let isWhole = TranslatedHead.append(
      method: call.method, path: call.path, fields: hasVersion ? [] : call.headerFields,
      to: endpoint,
      contentLength: UInt64(contentLength), passedFields: passed, writer: &head)
    assert(isWhole, "a client's head is smaller than the scratch memory")
  }
}
