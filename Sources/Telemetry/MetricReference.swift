// SPDX-License-Identifier: MIT

/// The metric list as a page of documentation. `gateway metrics` prints it and a test compares it
/// with `docs/reference/metrics.md`.
public enum MetricReference {
  public static func markdown(_ definitions: [MetricDefinition] = GatewayMetrics.all) -> String {
    var page = """
      <!-- SPDX-License-Identifier: MIT. Generated from the metric definitions: `make generate`. -->
      # Metrics

      `GET /metrics` answers in the Prometheus text format. Figures are summed over all workers.
      Labelled counters and histograms appear with their first event.

      Exports to an OpenTelemetry receiver have the same figures under the second name.

      | metric | in OpenTelemetry | kind | labels | meaning |
      |---|---|---|---|---|

      """
    for definition in definitions {
      let labels = definition.labels.map { "`\($0)`" }.joined(separator: " ")
      page +=
        "| `\(definition.name)` | `\(definition.semanticName)` (\(definition.unit)) | "
        + "\(definition.kind.rawValue) | \(labels) | \(definition.help) |\n"
    }
    page += "\n## Buckets\n\n| histogram | upper bounds |\n|---|---|\n"
    for definition in definitions where definition.kind == .histogram {
      let bounds = definition.boundaries.map { boundary in
        var text: [UInt8] = []
        appendDecimal(boundary, decimals: definition.decimals, to: &text)
        return String(decoding: text, as: UTF8.self)
      }
      page += "| `\(definition.name)` | \(bounds.joined(separator: ", ")) |\n"
    }
    page += "\n## Label values\n\n| label | values |\n|---|---|\n"
    for (label, values) in labelValues {
      page += "| `\(label)` | \(values.map { "`\($0)`" }.joined(separator: ", ")) |\n"
    }
    return page
  }

  /// Labels whose values are fixed, by metric where the same label means different things.
  private static var labelValues: [(String, [String])] {
    [
      ("status", StatusLabel.rows),
      ("reason` of `gateway_rejections_total", RejectionReason.allCases.map(\.label)),
      (
        "reason` of `gateway_telemetry_spans_dropped_total",
        ExportDropReason.allCases.map(\.label)
      ),
      ("operation, gen_ai_operation_name", Operation.allCases.map(\.label)),
      (
        "outcome` of `gateway_upstream_attempts_total`, "
          + "`error_type` of `gen_ai_client_operation_duration_seconds",
        AttemptOutcome.allCases.map(\.label)
      ),
      ("outcome` of `gateway_policy_decisions_total", DecisionOutcome.allCases.map(\.label)),
      ("side", StreamSide.allCases.map(\.label)),
      ("result", ReloadResult.allCases.map(\.label)),
      ("error_type` of `gen_ai_server_request_duration_seconds", RequestErrorLabel.rows),
      ("gen_ai_token_type", ["input", "output"]),
      ("gen_ai_token_modality", TokenModality.rows),
      ("estimated", ["false", "true"]),
    ]
  }
}
