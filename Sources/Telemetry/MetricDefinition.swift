// SPDX-License-Identifier: MIT

/// What a metric is, before it has any series: the part that documentation lists.
public struct MetricDefinition: Sendable, Equatable {
  public enum Kind: String, Sendable {
    case counter, gauge, histogram
  }

  /// The name in Prometheus' form, unit last.
  public let name: String
  /// The name in OpenTelemetry's form.
  public let semanticName: String
  /// Of what is shown, in UCUM's form: `s`, `By`, `{token}`.
  public let unit: String
  /// One sentence; it becomes the HELP line.
  public let help: String
  public let kind: Kind
  /// In the order in which they are rendered.
  public let labels: [String]
  /// Recorded values are whole numbers; they are shown divided by 10 to this power. Durations are
  /// recorded in nanoseconds and shown in seconds: 9.
  public let decimals: Int
  /// Upper bounds (inclusive, ascending) of a histogram's buckets, as recorded; the bucket without
  /// a bound comes on top.
  public let boundaries: [Int64]

  public init(
    _ kind: Kind, _ name: String, named semanticName: String? = nil, unit: String = "",
    help: String, labels: [String] = [], decimals: Int = 0, boundaries: [Int64] = []
  ) {
    precondition((0...18).contains(decimals))
    precondition((kind == .histogram) == !boundaries.isEmpty)
    precondition(zip(boundaries, boundaries.dropFirst()).allSatisfy { $0 < $1 })
    precondition(boundaries.count <= MetricDefinition.boundaryCountMaximum)
    self.name = name
    self.semanticName = semanticName ?? name
    self.unit = unit
    self.help = help
    self.kind = kind
    self.labels = labels
    self.decimals = decimals
    self.boundaries = boundaries
  }

  public static let boundaryCountMaximum = 64
}

/// One axis of a family of series: the values that one label, or several that vary together, can
/// take. A series is a choice of one row on each axis.
public struct MetricDimension: Sendable {
  /// Names as in the definition.
  public let labels: [String]
  /// Each row has a value for each label. Rows must differ.
  public let rows: [[String]]

  public init(_ labels: [String], rows: [[String]]) {
    precondition(rows.allSatisfy { $0.count == labels.count })
    precondition(Set(rows).count == rows.count)
    self.labels = labels
    self.rows = rows
  }

  public init(_ label: String, values: [String]) {
    self.init([label], rows: values.map { [$0] })
  }
}

extension MetricDefinition {
  /// A label's name in OpenTelemetry's form. Those of the gateway's own stand as they are.
  static func semanticLabel(_ label: String) -> String {
    switch label {
    case "gen_ai_operation_name": "gen_ai.operation.name"
    case "gen_ai_request_model": "gen_ai.request.model"
    case "gen_ai_provider_name": "gen_ai.provider.name"
    case "gen_ai_token_type": "gen_ai.token.type"
    case "gen_ai_token_modality": "gen_ai.token.modality"
    case "error_type": "error.type"
    default: label
    }
  }
}
