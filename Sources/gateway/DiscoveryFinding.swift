// SPDX-License-Identifier: MIT

import JSON
import ModelCatalog
import UpstreamService

/// What was found at one gateway, for people and programs.
struct DiscoveryFinding {
  var gateway: String
  var provider: String
  var models: [DiscoveredModel] = []
  /// Why there is nothing.
  var problem: String?

  // MARK: Text

  var table: String {
    if let problem { return "\(gateway): \(problem)\n" }
    var rows = [["MODEL", "STANDING", "CONFIGURED AS", "CONTEXT", "OUTPUT", "CAPABILITIES"]]
    for model in models {
      rows.append([
        model.listed.name, model.standing.rawValue,
        model.configured.map(\.name).joined(separator: ", "),
        model.listed.contextTokens.map(String.init) ?? "-",
        model.listed.outputTokens.map(String.init) ?? "-", Self.words(model),
      ])
    }
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    var text = "\(gateway): \(summary)\n"
    for row in rows {
      var line = ""
      for (column, cell) in row.enumerated() {
        let padding = column == row.count - 1 ? 0 : widths[column] - cell.count + 2
        line += cell + String(repeating: " ", count: padding)
      }
      text += "  " + line + "\n"
    }
    return text
  }

  private var summary: String {
    func count(_ standing: DiscoveredModel.Standing) -> Int {
      models.count { $0.standing == standing }
    }
    return "\(count(.known)) known, \(count(.new)) new, \(count(.missing)) missing"
  }

  private static func words(_ model: DiscoveredModel) -> String {
    if model.trials.isEmpty {
      return model.capabilities.isEmpty ? "-" : model.capabilities.names.joined(separator: " ")
    }
    return CapabilityTrial.allCases.compactMap { trial in
      model.trials[trial].map { "\(trial.rawValue)=\($0.word)" }
    }.joined(separator: " ")
  }

  // MARK: JSON

  static func json(_ findings: [DiscoveryFinding]) -> String {
    var json = JSONBuilder()
    json.array { json in
      for finding in findings { json.object { finding.write(to: &$0) } }
    }
    return String(decoding: json.finish(), as: UTF8.self)
  }

  private func write(to json: inout JSONBuilder) {
    json.member("gateway", string: gateway)
    json.member("error", string: problem)
    json.array("models") { json in
      for model in models { json.object { Self.write(model, to: &$0) } }
    }
  }

  private static func write(_ model: DiscoveredModel, to json: inout JSONBuilder) {
    json.member("model", string: model.listed.name)
    json.member("standing", string: model.standing.rawValue)
    json.array("configured_as") { json in
      for known in model.configured { json.string(known.name) }
    }
    json.member("context_window", integer: model.listed.contextTokens)
    json.member("max_output", integer: model.listed.outputTokens)
    json.array("capabilities") { json in
      for name in model.capabilities.names { json.string(name) }
    }
    guard !model.trials.isEmpty else { return }
    json.array("trials") { json in
      for trial in CapabilityTrial.allCases {
        guard let result = model.trials[trial] else { continue }
        json.object {
          $0.member("capability", string: trial.rawValue)
          $0.member("result", string: result.word == "?" ? "unknown" : result.word)
          $0.member("reason", string: result.reason)
        }
      }
    }
  }
}
