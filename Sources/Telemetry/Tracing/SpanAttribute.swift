// SPDX-License-Identifier: MIT

/// The attributes of spans that the request path knows, as one byte each. The names are those of
/// OpenTelemetry's semantic conventions (HTTP, and generative AI in development); `gateway.*` are
/// our own.
@frozen
public enum SpanAttribute: UInt8, CaseIterable, Sendable {
  case httpRequestMethod, httpRoute, urlPath, urlScheme, httpResponseStatusCode, httpRequestBodySize
  case clientAddress, userAgent, networkProtocolVersion, requestID
  case serverAddress, serverPort, errorType
  case operationName, providerName, requestModel, requestMaximumTokens, requestTemperature
  case requestTopP, requestTopK, requestStopSequences, requestFrequencyPenalty
  case requestPresencePenalty, requestSeed, requestChoiceCount, requestIsStream, outputType
  case requestEncodingFormats, embeddingsDimensionCount, requestServiceTier
  case responseID, responseModel, responseFinishReasons, responseTimeToFirstChunk
  case responseServiceTier, responseSystemFingerprint, conversationID
  case inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, reasoningTokens
  case inputAudioTokens, outputAudioTokens
  case inputMessages, outputMessages, systemInstructions, toolDefinitions
  case key, user, team, gateway, attempt, attemptCount, decision, policy, requestedModel
  case usageIsEstimated, hedge
  case cost
  /// Not an attribute but a field of the span.
  case traceState

  public var name: String {
    switch self {
    case .httpRequestMethod: "http.request.method"
    case .httpRoute: "http.route"
    case .urlPath: "url.path"
    case .urlScheme: "url.scheme"
    case .httpResponseStatusCode: "http.response.status_code"
    case .httpRequestBodySize: "http.request.body.size"
    case .clientAddress: "client.address"
    case .userAgent: "user_agent.original"
    case .networkProtocolVersion: "network.protocol.version"
    case .requestID: "gateway.request.id"
    case .serverAddress: "server.address"
    case .serverPort: "server.port"
    case .errorType: "error.type"
    case .key: "gateway.key"
    case .user: "gateway.user"
    case .team: "gateway.team"
    case .gateway: "gateway.account"
    case .attempt: "gateway.attempt"
    case .attemptCount: "gateway.attempts"
    case .decision: "gateway.decision.id"
    case .policy: "gateway.policy"
    case .requestedModel: "gateway.requested_model"
    case .usageIsEstimated: "gateway.usage.estimated"
    case .cost: "gateway.cost.usd"
    case .hedge: "gateway.hedge"
    case .traceState: "tracestate"
    default: generativeName
    }
  }

  private var generativeName: String {
    switch self {
    case .operationName: "gen_ai.operation.name"
    case .providerName: "gen_ai.provider.name"
    case .requestModel: "gen_ai.request.model"
    case .requestMaximumTokens: "gen_ai.request.max_tokens"
    case .requestTemperature: "gen_ai.request.temperature"
    case .requestTopP: "gen_ai.request.top_p"
    case .requestTopK: "gen_ai.request.top_k"
    case .requestStopSequences: "gen_ai.request.stop_sequences"
    case .requestFrequencyPenalty: "gen_ai.request.frequency_penalty"
    case .requestPresencePenalty: "gen_ai.request.presence_penalty"
    case .requestSeed: "gen_ai.request.seed"
    case .requestChoiceCount: "gen_ai.request.choice.count"
    case .requestIsStream: "gen_ai.request.stream"
    case .outputType: "gen_ai.output.type"
    case .requestEncodingFormats: "gen_ai.request.encoding_formats"
    case .embeddingsDimensionCount: "gen_ai.embeddings.dimension.count"
    case .requestServiceTier: "openai.request.service_tier"
    case .conversationID: "gen_ai.conversation.id"
    default: responseName
    }
  }

  private var responseName: String {
    switch self {
    case .responseID: "gen_ai.response.id"
    case .responseModel: "gen_ai.response.model"
    case .responseFinishReasons: "gen_ai.response.finish_reasons"
    case .responseTimeToFirstChunk: "gen_ai.response.time_to_first_chunk"
    case .responseServiceTier: "openai.response.service_tier"
    case .responseSystemFingerprint: "openai.response.system_fingerprint"
    case .inputTokens: "gen_ai.usage.input_tokens"
    case .outputTokens: "gen_ai.usage.output_tokens"
    case .cacheReadTokens: "gen_ai.usage.cache_read.input_tokens"
    case .cacheWriteTokens: "gen_ai.usage.cache_creation.input_tokens"
    case .reasoningTokens: "gen_ai.usage.reasoning.output_tokens"
    case .inputAudioTokens: "gen_ai.usage.audio.input_tokens"
    case .outputAudioTokens: "gen_ai.usage.audio.output_tokens"
    case .inputMessages: "gen_ai.input.messages"
    case .outputMessages: "gen_ai.output.messages"
    case .systemInstructions: "gen_ai.system_instructions"
    case .toolDefinitions: "gen_ai.tool.definitions"
    default: ""
    }
  }
}
