// SPDX-License-Identifier: MIT

/// What the gateway has counted as used and spent, against what the providers said in answers that
/// it has read: for each model between the sum of those that were read whole, and of all of which
/// it may have read a part.
struct SpendingJudge {
  let run: Run

  private struct Sums {
    var input = 0
    var output = 0

    mutating func add(_ usage: ReportedUsage) {
      input += usage.input
      output += usage.output
    }
  }

  func judge(_ metrics: MetricText) {
    var least: [String: Sums] = [:]
    var most: [String: Sums] = [:]
    for record in run.ledger.records {
      for attempt in record.attempts {
        guard let usage = attempt.usage else { continue }
        if isCertain(attempt, record) { least[attempt.model, default: Sums()].add(usage) }
        if attempt.isBegun { most[attempt.model, default: Sums()].add(usage) }
      }
    }
    for model in SimulatedGateway.priced where model.isPaidByTokens {
      let low = least[model.name] ?? Sums()
      let high = most[model.name] ?? Sums()
      let asked = "gen_ai_request_model=\"\(model.name)\""
      let prefix = "gen_ai_client_inference_usage_"
      check(
        "input tokens of \(model.name)", metrics.sum(prefix + "input_tokens_total", asked),
        Double(low.input), Double(high.input))
      check(
        "output tokens of \(model.name)", metrics.sum(prefix + "output_tokens_total", asked),
        Double(low.output), Double(high.output))
      func cost(_ sums: Sums) -> Double {
        Double(sums.input * model.input + sums.output * model.output) / 1e6
      }
      check(
        "cost of \(model.name)",
        metrics.sum("gateway_cost_usd_total", "model=\"\(model.name)\"", "estimated=\"false\""),
        cost(low), cost(high))
    }
  }

  /// The gateway has read it whole, usage included, and looks into what it passes.
  private func isCertain(_ attempt: AttemptRecord, _ record: RequestRecord) -> Bool {
    attempt.fault == nil && attempt.isRead
      && (record.plan.isStream || run.plan.settings.bufferedResponseBytes >= 1_000)
  }

  private func check(_ what: String, _ value: Double, _ low: Double, _ high: Double) {
    if value >= low - 1e-9, value <= high + 1e-9 { return }
    run.fail("\(what): \(value), by the providers from \(low) to \(high)")
  }
}
