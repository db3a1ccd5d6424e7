// SPDX-License-Identifier: MIT

import Clocks
import Testing

@testable import Telemetry

/// The two families of the conventions, most of which are shown from one record.
@Suite struct GenerativeMetricsTests {
  static let labels =
    "gen_ai_operation_name=\"chat\",gen_ai_request_model=\"gpt-4o-mini\","
    + "gen_ai_provider_name=\"openai\""

  static func expect(
    _ set: MetricSet, _ lines: [String], location: SourceLocation = #_sourceLocation
  ) {
    let samples = MetricSetTests.samples(set)
    for line in lines {
      #expect(samples.contains(Substring(line)), "\(line)", sourceLocation: location)
    }
  }

  @Test func tokensAreShownUnderBothNames() {
    let set = MetricSetTests.makeSet()
    set.recorder(worker: 0).tokensUsed(.chat, model: 0, input: 100, output: 7)
    set.recorder(worker: 1).tokensUsed(.chat, model: 0, input: 20, output: 0)
    set.recorder(worker: 1).tokensUsed(
      .chat, model: 0, cacheRead: 64, cacheWrite: 0, reasoning: 5, audioInput: 30, audioOutput: -1)
    let (name, modality) = ("gen_ai_client_inference", "gen_ai_token_modality")
    Self.expect(
      set,
      [
        "gen_ai_client_token_usage_count{\(Self.labels),gen_ai_token_type=\"input\"} 2",
        "\(name)_operation_input_tokens_sum{\(Self.labels)} 120",
        "\(name)_operation_input_tokens_bucket{\(Self.labels),le=\"64\"} 1",
        "\(name)_operation_output_tokens_count{\(Self.labels)} 2",
        "\(name)_usage_input_tokens_total{\(Self.labels),\(modality)=\"unknown\"} 90",
        "\(name)_usage_input_tokens_total{\(Self.labels),\(modality)=\"audio\"} 30",
        "\(name)_usage_output_tokens_total{\(Self.labels),\(modality)=\"unknown\"} 7",
        "\(name)_usage_cache_read_input_tokens_total{\(Self.labels),\(modality)=\"unknown\"} 64",
        "\(name)_usage_reasoning_output_tokens_total{\(Self.labels),\(modality)=\"unknown\"} 5",
      ])
    let text = set.registry.prometheusText()
    #expect(!text.contains("cache_write_input_tokens_total{"))
    #expect(!text.contains("gateway_audio_tokens"))
  }

  @Test func theOldFamilyCanBeLeftOut() {
    let set = MetricSet(
      models: [ModelLabel(model: "gpt-4o-mini", provider: "openai")], deployments: [],
      workerCount: 1, showsTokenUsage: false)
    set.recorder(worker: 0).tokensUsed(.chat, model: 0, input: 3, output: 4)
    #expect(!set.registry.prometheusText().contains("gen_ai_client_token_usage"))
    Self.expect(
      set, ["gen_ai_client_inference_operation_input_tokens_sum{\(Self.labels)} 3"])
  }

  @Test(arguments: [
    (UInt16(200), ""), (404, "4xx"), (429, "429"), (500, "5xx"), (503, "503"), (0, ""),
    (999, "5xx"),
  ])
  func requestsAreTimedOnceAndShownTwice(status: UInt16, error: String) {
    let set = MetricSetTests.makeSet()
    let recorder = set.recorder(worker: 0)
    recorder.requestFinished(.chat, status: status, model: 0, duration: .milliseconds(30))
    recorder.requestFinished(.chat, status: status, model: nil, duration: .milliseconds(10))
    let label = error.isEmpty ? "" : ",error_type=\"\(error)\""
    Self.expect(
      set,
      [
        "gateway_request_duration_seconds_sum{operation=\"chat\"} 0.04",
        "gateway_request_duration_seconds_count{operation=\"chat\"} 2",
        "gen_ai_server_request_duration_seconds_sum{\(Self.labels)\(label)} 0.03",
        "gen_ai_server_request_duration_seconds_bucket{\(Self.labels)\(label),le=\"0.04\"} 1",
      ])
  }

  @Test func chunksThatComeTogetherHaveNoTimeBetweenThem() {
    let set = MetricSetTests.makeSet()
    let recorder = set.recorder(worker: 0)
    recorder.firstChunk(
      .chat, model: 0, after: .milliseconds(15), ofRequestAfter: .milliseconds(21))
    let series = recorder.chunkSeries(.chat, model: 0)
    recorder.laterChunks(series, count: 3, after: .milliseconds(25))
    recorder.laterChunks(series, count: 0, after: .seconds(9))
    recorder.streamFinished(.chat, model: 0, outputTokens: 11, after: .milliseconds(400))
    recorder.streamFinished(.chat, model: 0, outputTokens: 1, after: .milliseconds(400))
    let client = "gen_ai_client_operation_time_per_output_chunk_seconds"
    let server = "gen_ai_server_time_per_output_token_seconds"
    Self.expect(
      set,
      [
        "\(client)_count{\(Self.labels)} 3", "\(client)_sum{\(Self.labels)} 0.025",
        "\(client)_bucket{\(Self.labels),le=\"0.01\"} 2",
        "\(server)_count{\(Self.labels)} 1", "\(server)_sum{\(Self.labels)} 0.04",
        "gen_ai_server_time_to_first_token_seconds_sum{\(Self.labels)} 0.021",
        "gen_ai_client_operation_time_to_first_chunk_seconds_sum{\(Self.labels)} 0.015",
      ])
  }

  @Test func costsAreExact() {
    let set = MetricSetTests.makeSet()
    for _ in 0..<3 {
      set.recorder(worker: 0).spent(model: 0, picodollars: 150_001, isEstimated: false)
    }
    set.recorder(worker: 0).spent(model: 1, picodollars: 2_000_000_000_000, isEstimated: true)
    Self.expect(
      set,
      [
        "gateway_cost_usd_total{model=\"gpt-4o-mini\",provider=\"openai\",estimated=\"false\"} "
          + "0.000000450003",
        "gateway_cost_usd_total{model=\"claude\",provider=\"bedrock\",estimated=\"true\"} 2",
      ])
  }

  @Test func everyDefinitionHasItsPlace() {
    let set = MetricSetTests.makeSet()
    let shown = set.registry.families.filter(\.isShown).map(\.definition.name)
    #expect(Set(shown) == Set(GatewayMetrics.all.map(\.name)))
    #expect(shown.count == GatewayMetrics.all.count)
    for definition in GatewayMetrics.all {
      #expect(!definition.unit.isEmpty && definition.semanticName.contains("."))
    }
  }
}
