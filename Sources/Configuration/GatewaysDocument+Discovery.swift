// SPDX-License-Identifier: MIT

internal import ModelCatalog

extension GatewaysDocument {
  private static let discoveryKeys = [
    "interval", "timeout", "grace", "jitter", "models", "prefix", "price", "local", "maximum",
  ]

  /// `true` for what holds by default, `false` for none, or a mapping.
  func readDiscovery(_ field: Field) -> DiscoverySettings? {
    var settings = DiscoverySettings()
    if field.isText { return field.boolean() == true ? settings : nil }
    guard let section = Section(field, keys: Self.discoveryKeys) else { return nil }
    section.set(&settings.intervalMilliseconds, "interval", milliseconds: 1_000...604_800_000)
    section.set(&settings.timeoutMilliseconds, "timeout", milliseconds: 50...600_000)
    section.set(&settings.graceMilliseconds, "grace", milliseconds: 0...2_592_000_000)
    section.set(&settings.jitterThousandths, "jitter", thousandths: "a share from 0 to 1")
    section.set(
      &settings.modelsMaximum, "maximum", integer: 1...DiscoverySettings.modelsLimit)
    if let models = section["models"] {
      settings.patterns = models.texts().map(\.text)
      if settings.patterns.isEmpty, models.isList { models.report("`models` is empty") }
    }
    if let prefix = section["prefix"], let text = prefix.text() {
      settings.prefix = text
      if !text.isEmpty, prefix.entityName() == nil { settings.prefix = "" }
    }
    settings.prices = section["price"].flatMap(Self.readPrices)
    settings.isLocal = section["local"]?.boolean() ?? false
    if settings.isLocal, let price = section["price"] {
      price.report("what is `local` has no price")
    }
    return settings
  }
}
