// SPDX-License-Identifier: MIT

internal import Bytes
internal import HTTPWire
internal import ModelCatalog
internal import Routing
internal import Translation

/// Attempts at something else than a chat, where client or upstream does not speak OpenAI's API.
extension Worker {
  // MARK: Embeddings

  func prepareEmbeddings(
    _ client: Client, _ call: ForeignCall, _ deployment: Deployment,
    _ provider: any ProviderWire.Type, _ target: UpstreamModel
  ) -> Bool {
    let isGoogle = client.pointee.exchange.endpoint.api == .gemini
    if isGoogle, deployment.wireProtocol == .gemini, bearsItsOwnName(client, deployment) {
      let isSingle = client.pointee.exchange.endpoint == .geminiEmbed
      call.passEmbeddings(
        to: provider, path: GeminiEmbeddings.clientPath(to: target, isSingle: isSingle))
      return true
    }
    let wire: any EmbeddingsProviderWire.Type =
      switch deployment.wireProtocol {
      case .ollama: OllamaEmbeddings.self
      case .gemini, .vertex: GeminiEmbeddings.self
      default: OpenAIEmbeddings.self
      }
    call.context.estimatedInputTokens = estimatedInputTokens(client)
    do throws(TranslationError) {
      try call.translateEmbeddings(
        body(of: client), from: isGoogle ? GeminiEmbeddings.self : OpenAIEmbeddings.self,
        for: wire, provider, target)
      return true
    } catch {
      call.failure = error
      return false
    }
  }

  /// Whether the client calls the model as the provider does: Google's bodies repeat the name.
  private func bearsItsOwnName(_ client: Client, _ deployment: Deployment) -> Bool {
    deployment.isOpen
      ? deployment.droppedPrefixCount == 0
      : deployment.upstreamModel.equals(requestedModel(client))
  }

  // MARK: Numbers of tokens

  func prepareTokenCount(
    _ client: Client, _ call: ForeignCall, _ deployment: Deployment,
    _ provider: any ProviderWire.Type, _ target: UpstreamModel
  ) -> Bool {
    let api = client.pointee.exchange.endpoint.api
    // Servers with both of OpenAI's APIs count for the newer one.
    let wire: any ProviderWire.Type =
      api == .responses && deployment.hasResponses ? OpenAIResponses.self : provider
    guard let counter = wire as? any TokenCountProviderWire.Type else {
      // What another model would be told is not this one's number.
      client.pointee.exchange.step = client.pointee.exchange.plan.attemptCount
      return false
    }
    let isSpoken =
      api == .responses
      ? counter == OpenAIResponses.self : api.isSpoken(by: deployment.wireProtocol)
    if isSpoken, api != .gemini || passesCount(client) {
      let own = ownBody(client, target)
      if own != .unfit {
        call.passTokenCount(to: counter, target, own)
        return true
      }
    }
    guard call.request != nil || readRequest(client, call) else { return false }
    do throws(TranslationError) {
      try call.translateTokenCount(for: counter, target)
      return true
    } catch {
      call.failure = error
      return false
    }
  }

  /// A whole request within Google's question repeats the model's name, which may be another there.
  private func passesCount(_ client: Client) -> Bool {
    let body = body(of: client)
    return body.firstIndex(of: "generateContentRequest") == nil
      && body.firstIndex(of: "generate_content_request") == nil
  }

  /// The number of tokens where the provider does not count: an estimate, and marked so.
  func answerTokenCount(_ client: Client) {
    client.pointee.exchange.step = 0
    let call = makeForeignCall(client)
    if let failure = call.failure {
      refuse(client, gatewayError(failure))
      return
    }
    answerEstimate(client, call)
  }

  func answerEstimate(_ client: Client, _ call: ForeignCall) {
    guard readRequest(client, call), let request = call.request,
      let wire = call.client as? any TokenCountClientWire.Type
    else { return }
    let tokens = TokenCountEstimate.inputTokens(of: request)
    answer(
      client, String(decoding: wire.writeTokenCount(tokens), as: UTF8.self),
      fields: "x-gateway-token-count: estimate\r\n")
  }

  // MARK: Completions

  /// Whether a deployment's model has OpenAI's older completions; where it has not, it is asked
  /// for a chat. Most servers have them for every model, but not these.
  @inline(never)
  func hasCompletions(_ client: Client, _ deployment: Deployment) -> Bool {
    switch deployment.wireProtocol {
    case .openAI, .azure, .deepSeek: break
    default: return true
    }
    let catalog = client.pointee.exchange.lease!.pointee.snapshot.catalog
    return catalog.model(deployment.model).capabilities.contains(.completion)
  }
}
