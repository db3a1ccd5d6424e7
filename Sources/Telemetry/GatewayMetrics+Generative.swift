// SPDX-License-Identifier: MIT

/// The metrics of OpenTelemetry's semantic conventions for generative AI (in development there),
/// as a client of providers and as a server of its own clients. `gen_ai.client.token.usage` has
/// been replaced by the counters and histograms below it; both are shown unless the configuration
/// says otherwise.
extension GatewayMetrics {
  private static let asked = [
    "gen_ai_operation_name", "gen_ai_request_model", "gen_ai_provider_name",
  ]
  /// 1 ms to 10 s, in nanoseconds: the conventions' advice for the first token of a server.
  static let firstTokenBoundaries: [Int64] = [
    1, 5, 10, 20, 40, 60, 80, 100, 250, 500, 750, 1_000, 2_500, 5_000, 7_500, 10_000,
  ].map { $0 * 1_000_000 }
  /// 10 ms to 2.5 s, in nanoseconds: the same for each token after it.
  static let laterTokenBoundaries: [Int64] = [
    10, 25, 50, 75, 100, 150, 200, 300, 400, 500, 750, 1_000, 2_500,
  ].map { $0 * 1_000_000 }

  public static let operationDuration = MetricDefinition(
    .histogram, "gen_ai_client_operation_duration_seconds",
    named: "gen_ai.client.operation.duration", unit: "s",
    help: "Time a provider took for one operation.", labels: asked + ["error_type"], decimals: 9,
    boundaries: operationBoundaries)
  public static let timeToFirstChunk = MetricDefinition(
    .histogram, "gen_ai_client_operation_time_to_first_chunk_seconds",
    named: "gen_ai.client.operation.time_to_first_chunk", unit: "s",
    help: "Time from an attempt's start to the first chunk of its stream.", labels: asked,
    decimals: 9, boundaries: operationBoundaries)
  public static let timePerOutputChunk = MetricDefinition(
    .histogram, "gen_ai_client_operation_time_per_output_chunk_seconds",
    named: "gen_ai.client.operation.time_per_output_chunk", unit: "s",
    help: "Time between two chunks of a stream, to the millisecond.", labels: asked, decimals: 9,
    boundaries: operationBoundaries)

  public static let tokenUsage = MetricDefinition(
    .histogram, "gen_ai_client_token_usage", named: "gen_ai.client.token.usage", unit: "{token}",
    help: "Tokens of one operation, as the provider counted them.",
    labels: asked + ["gen_ai_token_type"], boundaries: tokenBoundaries)
  public static let operationInputTokens = MetricDefinition(
    .histogram, "gen_ai_client_inference_operation_input_tokens",
    named: "gen_ai.client.inference.operation.input_tokens", unit: "{token}",
    help: "Input tokens of one operation, cached ones included.", labels: asked,
    boundaries: tokenBoundaries)
  public static let operationOutputTokens = MetricDefinition(
    .histogram, "gen_ai_client_inference_operation_output_tokens",
    named: "gen_ai.client.inference.operation.output_tokens", unit: "{token}",
    help: "Output tokens of one operation, reasoning included.", labels: asked,
    boundaries: tokenBoundaries)

  public static let usedInputTokens = usage(
    "input_tokens", help: "Input tokens used, cached ones included.")
  public static let usedOutputTokens = usage(
    "output_tokens", help: "Output tokens used, reasoning included.")
  public static let usedCacheReadTokens = usage(
    "cache_read.input_tokens", help: "Of the input tokens, those read from the provider's cache.")
  public static let usedCacheWriteTokens = usage(
    "cache_write.input_tokens", help: "Of the input tokens, those written to the provider's cache.")
  public static let usedReasoningTokens = usage(
    "reasoning.output_tokens", help: "Of the output tokens, those of reasoning.")

  private static func usage(_ name: String, help: String) -> MetricDefinition {
    let underscored = String(name.map { $0 == "." ? "_" : $0 })
    return MetricDefinition(
      .counter, "gen_ai_client_inference_usage_\(underscored)_total",
      named: "gen_ai.client.inference.usage.\(name)", unit: "{token}", help: help,
      labels: asked + ["gen_ai_token_modality"])
  }

  /// Recorded, but shown as a modality of the two above only.
  static let usedAudioTokens = MetricDefinition(
    .counter, "gateway_audio_tokens_total", help: "Audio tokens used.",
    labels: asked + ["gen_ai_token_type"])

  public static let serverRequestDuration = MetricDefinition(
    .histogram, "gen_ai_server_request_duration_seconds",
    named: "gen_ai.server.request.duration", unit: "s",
    help: "Time from a request's head to the last byte of its answer.",
    labels: asked + ["error_type"], decimals: 9, boundaries: operationBoundaries)
  public static let serverTimeToFirstToken = MetricDefinition(
    .histogram, "gen_ai_server_time_to_first_token_seconds",
    named: "gen_ai.server.time_to_first_token", unit: "s",
    help: "Time from a request's head to the first chunk of its stream.", labels: asked,
    decimals: 9, boundaries: firstTokenBoundaries)
  public static let serverTimePerOutputToken = MetricDefinition(
    .histogram, "gen_ai_server_time_per_output_token_seconds",
    named: "gen_ai.server.time_per_output_token", unit: "s",
    help: "Mean time of a stream's tokens after the first chunk.", labels: asked, decimals: 9,
    boundaries: laterTokenBoundaries)

  static let generative: [MetricDefinition] = [
    operationDuration, timeToFirstChunk, timePerOutputChunk, tokenUsage, operationInputTokens,
    operationOutputTokens, usedInputTokens, usedOutputTokens, usedCacheReadTokens,
    usedCacheWriteTokens, usedReasoningTokens, serverRequestDuration, serverTimeToFirstToken,
    serverTimePerOutputToken,
  ]
}
