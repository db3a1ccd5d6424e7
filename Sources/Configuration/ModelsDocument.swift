// SPDX-License-Identifier: MIT

internal import ModelCatalog

/// A model with its place, and the name that providers know it by.
struct ReadModel {
  var description: ModelDescription
  var upstream: String
  var field: Field
}

/// A group or alias whose members are still as written.
struct ReadGroup {
  var name: String
  var strategy: RoutingStrategy?
  var affinity: AffinityKeys?
  var isAlias: Bool
  var members: [(text: String, field: Field)]
  var field: Field
}

/// The keys `price_sources`, `models`, `groups` and `aliases`.
struct ModelsDocument {
  static let keys = ["price_sources", "models", "groups", "aliases"]

  var models: [ReadModel] = []
  var groups: [ReadGroup] = []
  private(set) var priceSources: Set<String> = []

  mutating func read(_ section: Section) {
    readPriceSources(section["price_sources"])
    for element in section["models"]?.list() ?? [] { readModel(element) }
    for element in section["groups"]?.list() ?? [] { readGroup(element) }
    readAliases(section["aliases"])
  }

  private mutating func readPriceSources(_ field: Field?) {
    for (name, value) in field?.entries() ?? [] {
      guard let section = Section(value, keys: ["url", "catalogue"]) else { continue }
      _ = section.required("url")?.text()
      _ = section["catalogue"]?.text()
      priceSources.insert(name.text)
    }
  }

  private mutating func readModel(_ element: Field) {
    let element = element.named("model")
    let keys = [
      "name", "provider", "family", "context_window", "max_output", "upstream", "local", "price",
      "capabilities",
    ]
    guard let section = Section(element, keys: keys),
      let nameField = section.required("name"), let name = nameField.entityName(),
      let provider = section.required("provider")?.entityName()
    else { return }
    var model = ModelDescription(name: name, provider: provider)
    let tokens: ClosedRange<Int64> = 1...1_000_000_000
    if let value = section["family"]?.text() { model.family = value }
    if let value = section["context_window"]?.integer(tokens) { model.contextWindowTokens = value }
    if let value = section["max_output"]?.integer(0...1_000_000_000) {
      model.maximumOutputTokens = value
    }
    if let value = section["local"]?.boolean() { model.isLocal = value }
    if let field = section["capabilities"] { model.capabilities = readCapabilities(field) }
    if let field = section["price"] {
      (model.prices, model.tariff) = readPrice(field) ?? (nil, nil)
      model.unitPrices = readUnitPrices(field)
      if model.isLocal { field.report("a model that is `local` has no price") }
      if field.hasKey("cache_read") { model.capabilities.insert(.promptCaching) }
    }
    let upstream = section["upstream"]?.text() ?? name
    models.append(ReadModel(description: model, upstream: upstream, field: nameField))
  }

  private func readCapabilities(_ field: Field) -> Capabilities {
    var result: Capabilities = []
    let names = Capabilities.named.map(\.name)
    for element in field.list() {
      guard let name = element.named("capability").choice(names) else { continue }
      if let capability = Capabilities(name: name) { result.insert(capability) }
    }
    return result
  }

  func price(_ field: Field?) -> Price? {
    field?.parsed(
      "USD per million tokens, with at most six fraction digits",
      { Price(dollarsPerMillionTokens: $0) })
  }

  static func isDate(_ text: String) -> Bool {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.map(\.utf8.count) == [4, 2, 2], Quantity.digits(parts[0]) != nil,
      let month = Quantity.digits(parts[1]), let day = Quantity.digits(parts[2])
    else { return false }
    return (1...12).contains(month) && (1...31).contains(day)
  }

  private mutating func readGroup(_ element: Field) {
    let element = element.named("group")
    guard let section = Section(element, keys: ["name", "strategy", "models", "affinity"]),
      let nameField = section.required("name"), let name = nameField.entityName(),
      let members = section.required("models")
    else { return }
    let texts = members.texts()
    if texts.isEmpty { members.report("group `\(name)` has no models") }
    groups.append(
      ReadGroup(
        name: name, strategy: section["strategy"]?.strategy(),
        affinity: section["affinity"]?.affinityKeys(), isAlias: false, members: texts,
        field: nameField))
  }

  private mutating func readAliases(_ field: Field?) {
    for (name, value) in field?.entries() ?? [] {
      let members = value.isList ? value.texts() : value.text().map { [($0, value)] } ?? []
      groups.append(
        ReadGroup(
          name: name.text, strategy: nil, affinity: nil, isAlias: true, members: members,
          field: name.field))
    }
  }
}
