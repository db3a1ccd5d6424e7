// SPDX-License-Identifier: MIT

internal import ModelCatalog

extension GatewaysDocument {
  private static let healthCheckKeys = [
    "kind", "path", "model", "interval", "timeout", "unhealthy_after", "healthy_after", "jitter",
  ]

  /// `true` for probes as they are by default, `false` for none, or a mapping.
  func readHealthCheck(_ field: Field) -> HealthCheckSettings? {
    var settings = HealthCheckSettings()
    if field.isText { return field.boolean() == true ? settings : nil }
    guard let section = Section(field, keys: Self.healthCheckKeys) else { return nil }
    if let name = section["kind"]?.choice(HealthCheckSettings.Kind.allCases.map(\.rawValue)) {
      settings.kind = HealthCheckSettings.Kind(rawValue: name) ?? .models
    }
    if let path = section["path"], let text = path.text() {
      if text.hasPrefix("/") {
        settings.path = text
      } else {
        path.report("`path` must begin with `/`: it is appended to the base URL")
      }
      if settings.kind == .chat { path.report("`path` is for probes of `kind: models`") }
    }
    if let model = section["model"] {
      settings.model = model.text()
      if settings.kind == .models { model.report("`model` is for probes of `kind: chat`") }
    }
    section.set(&settings.intervalMilliseconds, "interval", milliseconds: 100...86_400_000)
    section.set(&settings.timeoutMilliseconds, "timeout", milliseconds: 50...600_000)
    section.set(&settings.unhealthyAfter, "unhealthy_after", integer: 1...100)
    section.set(&settings.healthyAfter, "healthy_after", integer: 1...100)
    section.set(&settings.jitterThousandths, "jitter", thousandths: "a share from 0 to 1")
    return settings
  }
}
