// SPDX-License-Identifier: MIT

internal import ModelCatalog

/// What stands under a model's `price`.
extension ModelsDocument {
  private static let parts = [
    "input", "output", "cache_read", "cache_write", "cache_write_1h", "audio_input", "reasoning",
    "audio_output",
  ]
  private static let units = ["image", "million_characters", "minute", "search"]
  private static let tiers: [(key: String, tier: ServiceTier)] = [
    ("batch", .batch), ("flex", .flex), ("priority", .priority),
  ]

  /// The prices that routing ranks by, and those that attempts are charged.
  func readPrice(_ field: Field) -> (ModelPrices, Tariff)? {
    let keys = Self.parts + Self.units + ["long_context", "source", "date"] + Self.tiers.map(\.key)
    guard let section = Section(field, keys: keys) else { return nil }
    if let source = section["source"], let text = source.text(), !priceSources.contains(text) {
      source.report(
        "`\(text)` is not one of `price_sources`",
        help: Reading.suggestion(for: text, among: priceSources))
    }
    _ = section["date"]?.parsed("a date as `2026-01-31`") { Self.isDate($0) ? $0 : nil }
    // What is priced by another unit need have no price for tokens.
    let hasTokens = section["input"] != nil || section["output"] != nil
    let hasUnits = Self.units.contains { section[$0] != nil }
    guard let standard = hasUnits && !hasTokens ? .zero : bucketPrices(section, nil) else {
      return nil
    }
    var prices = ModelPrices(
      input: standard.input, output: standard.output, cacheRead: standard.cacheRead,
      cacheWrite: standard.cacheWriteShort)
    var long: BucketPrices?
    if let field = section["long_context"],
      let tier = Section(field, keys: Self.parts + ["above"]),
      let above = tier.required("above")?.integer(1...1_000_000_000)
    {
      long = bucketPrices(tier, standard)
      prices.longContextThresholdTokens = above
      prices.longContextInput = long?.input ?? standard.input
      prices.longContextOutput = long?.output ?? standard.output
    }
    var tiers: [ServiceTier: (short: BucketPrices, long: BucketPrices?)] = [:]
    for (key, tier) in Self.tiers { tiers[tier] = section[key].flatMap { readTier($0, standard) } }
    let tariff = Tariff(
      standard: standard, longContextThresholdTokens: prices.longContextThresholdTokens,
      longContext: long, tiers: tiers)
    return (prices, tariff)
  }

  /// Prices by other units than tokens, in USD for each, or for a million characters.
  func readUnitPrices(_ field: Field) -> UnitPrices {
    func read(_ key: String) -> Int64 {
      let value = field.entries().first { $0.name.text == key }?.value
      let form = "USD with at most six fraction digits"
      return value?.parsed(form, { Price(dollarsPerMillionTokens: $0) })?.picodollarsPerToken ?? 0
    }
    let million: Int64 = 1_000_000
    return UnitPrices(
      image: read("image") * million, character: read("million_characters"),
      minute: read("minute") * million, search: read("search") * million)
  }

  private func readTier(
    _ field: Field, _ standard: BucketPrices
  ) -> (short: BucketPrices, long: BucketPrices?)? {
    guard let section = Section(field, keys: Self.parts + ["long_context"]),
      let short = bucketPrices(section, standard)
    else { return nil }
    let long = section["long_context"].flatMap { Section($0, keys: Self.parts) }
    return (short, long.flatMap { bucketPrices($0, short) })
  }

  /// - Parameter base: whose prices hold for parts without one of their own, as far as they differ
  ///   from those of their whole there; nil where `input` and `output` say it all.
  private func bucketPrices(_ section: Section, _ base: BucketPrices?) -> BucketPrices? {
    guard let input = price(section.required("input")),
      let output = price(section.required("output"))
    else { return nil }
    func part(_ key: String, _ own: KeyPath<BucketPrices, Price>, _ whole: Price?) -> Price? {
      if let written = section[key] { return price(written) }
      guard let base, let whole, base[keyPath: own] != whole else { return nil }
      return base[keyPath: own]
    }
    return BucketPrices(
      input: input, output: output, cacheRead: part("cache_read", \.cacheRead, base?.input),
      cacheWriteShort: part("cache_write", \.cacheWriteShort, base?.input),
      cacheWriteHour: part("cache_write_1h", \.cacheWriteHour, base?.cacheWriteShort),
      audioInput: part("audio_input", \.audioInput, base?.input),
      reasoning: part("reasoning", \.reasoning, base?.output),
      audioOutput: part("audio_output", \.audioOutput, base?.output))
  }
}
