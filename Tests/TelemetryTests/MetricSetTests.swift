// SPDX-License-Identifier: MIT

import Clocks
import Telemetry
import Testing

@Suite struct MetricSetTests {
  static func makeSet(workerCount: Int = 2) -> MetricSet {
    MetricSet(
      models: [
        ModelLabel(model: "gpt-4o-mini", provider: "openai"),
        ModelLabel(model: "claude", provider: "bedrock"),
      ],
      deployments: [
        DeploymentLabel(deployment: "primary", model: "gpt-4o-mini", provider: "openai"),
        DeploymentLabel(deployment: "west", model: "claude", provider: "bedrock"),
      ], workerCount: workerCount)
  }

  static func samples(_ set: MetricSet) -> [Substring] {
    set.registry.prometheusText().split(separator: "\n").filter { !$0.hasPrefix("#") }
  }

  @Test func aRequestLeavesItsTraces() {
    let set = MetricSetTests.makeSet()
    let recorder = set.recorder(worker: 1)
    recorder.clientConnected()
    recorder.requestStarted()
    recorder.decided(.routed, in: .microseconds(3))
    recorder.attemptFinished(
      .chat, deployment: 1, model: 1, outcome: .success, duration: .milliseconds(15))
    recorder.firstChunk(
      .chat, model: 1, after: .milliseconds(5), ofRequestAfter: .milliseconds(6))
    recorder.tokensUsed(.chat, model: 1, input: 12, output: -1)
    #expect(MetricSetTests.samples(set).contains("gateway_requests_in_flight 1"))
    recorder.requestFinished(.chat, status: 200, model: 1, duration: .milliseconds(16))

    let samples = MetricSetTests.samples(set)
    let labels =
      "gen_ai_operation_name=\"chat\",gen_ai_request_model=\"claude\","
      + "gen_ai_provider_name=\"aws.bedrock\""
    let deployment = "deployment=\"west\",model=\"claude\",provider=\"bedrock\""
    for line in [
      "gateway_requests_total{model=\"claude\",provider=\"bedrock\",status=\"200\"} 1",
      "gateway_requests_in_flight 0",
      "gateway_client_connections 1",
      "gateway_request_duration_seconds_sum{operation=\"chat\"} 0.016",
      "gateway_upstream_attempts_total{\(deployment),outcome=\"success\"} 1",
      "gen_ai_client_operation_duration_seconds_bucket{\(labels),le=\"0.01\"} 0",
      "gen_ai_client_operation_duration_seconds_bucket{\(labels),le=\"0.02\"} 1",
      "gen_ai_client_operation_time_to_first_chunk_seconds_count{\(labels)} 1",
      "gen_ai_client_token_usage_sum{\(labels),gen_ai_token_type=\"input\"} 12",
      "gen_ai_client_token_usage_sum{\(labels),gen_ai_token_type=\"output\"} 0",
      "gateway_policy_decisions_total{outcome=\"routed\"} 1",
      "gateway_policy_decision_duration_seconds_bucket{le=\"0.000004\"} 1",
      "gateway_policy_decision_duration_seconds_sum 0.000003",
      "gateway_circuit_state{\(deployment)} 0",
    ] {
      #expect(samples.contains(Substring(line)), "\(line)")
    }
  }

  @Test(arguments: [
    (UInt16(403), "403"), (418, "other"), (0, "other"), (999, "other"), (529, "529"),
  ])
  func refusedRequestsHaveNoModel(status: UInt16, label: String) {
    let set = MetricSetTests.makeSet()
    let recorder = set.recorder(worker: 0)
    recorder.requestFinished(.other, status: status, model: nil, duration: .zero)
    recorder.requestRejected(.forbidden)
    let samples = MetricSetTests.samples(set)
    #expect(samples.contains("gateway_requests_total{status=\"\(label)\"} 1"))
    #expect(samples.contains("gateway_rejections_total{reason=\"forbidden\"} 1"))
  }

  @Test func failedAttemptsCarryAnErrorType() {
    let set = MetricSetTests.makeSet()
    set.recorder(worker: 0).attemptFinished(
      .embeddings, deployment: 0, model: 0, outcome: .timedOut, duration: .seconds(100))
    let text = set.registry.prometheusText()
    #expect(
      text.contains(
        "gen_ai_provider_name=\"openai\",error_type=\"timeout\",le=\"81.92\"} 0\n"))
    #expect(
      text.contains("gen_ai_provider_name=\"openai\",error_type=\"timeout\",le=\"+Inf\"} 1\n"))
  }

  @Test func theControlLoopShowsStates() {
    let set = MetricSetTests.makeSet()
    set.control.circuit(deployment: 1, state: 2)
    set.control.policiesReloaded(.applied, policyCount: 7)
    set.control.policiesReloaded(.refused, policyCount: 7)
    set.control.processSampled(ProcessSample(startedAt: Timestamp(secondsSinceEpoch: 1_000)))
    let samples = MetricSetTests.samples(set)
    #expect(
      samples.contains(
        "gateway_circuit_state{deployment=\"west\",model=\"claude\",provider=\"bedrock\"} 2"))
    #expect(samples.contains("gateway_policies 7"))
    #expect(samples.contains("gateway_policy_reloads_total{result=\"refused\"} 1"))
    #expect(samples.contains("process_start_time_seconds 1000"))
  }

  @Test func theProcessIsMeasured() {
    let sample = ProcessSample(startedAt: Timestamp(secondsSinceEpoch: 0))
    #expect(sample.residentBytes > 1_000_000)
    #expect(sample.processorNanoseconds > 0)
    #expect(sample.openFileCount >= 3)
  }

  @Test func anEmptyCatalogueRenders() {
    let set = MetricSet(models: [], deployments: [], workerCount: 0)
    set.control.requestFinished(.chat, status: 404, model: nil, duration: .zero)
    #expect(
      MetricSetTests.samples(set).contains("gateway_requests_total{status=\"404\"} 1"))
  }

  @Test func workersRecordWhileOthersRead() async {
    let set = MetricSetTests.makeSet(workerCount: 2)
    await withTaskGroup(of: Void.self) { group in
      for worker in 0..<2 {
        group.addTask {
          let recorder = set.recorder(worker: worker)
          for _ in 0..<10_000 {
            recorder.requestFinished(.chat, status: 200, model: 0, duration: .milliseconds(1))
          }
        }
      }
      group.addTask {
        for _ in 0..<20 { _ = set.registry.prometheusText() }
      }
    }
    #expect(
      MetricSetTests.samples(set).contains(
        "gateway_requests_total{model=\"gpt-4o-mini\",provider=\"openai\",status=\"200\"} 20000"))
  }
}
