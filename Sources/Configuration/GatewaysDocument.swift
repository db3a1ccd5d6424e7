// SPDX-License-Identifier: MIT

internal import ModelCatalog

/// A gateway with its keys, ready to be combined with models.
struct ReadGateway {
  struct Key {
    var text: String
    var weight: UInt32
    var region: String
  }

  var description: GatewayDescription
  var type: String
  var keys: [Key]
  var upstreamModels: [String: (name: String, field: Field)]
  /// Nil where its list of models is not kept up to date.
  var discovery: DiscoverySettings?
  /// Patterns of models that are there by the Responses API alone.
  var responsesOnly: [String]
  var field: Field
}

/// The keys `routing`, `gateways` and `model_routing`.
struct GatewaysDocument {
  static let keys = ["routing", "gateways", "model_routing"]

  var gateways: [ReadGateway] = []
  /// Optional ones whose variables are not set: known by name, but not served.
  var skipped: Set<String> = []
  var routes: [ReadRoute] = []
  var strategy: RoutingStrategy?
  var affinity = AffinityDescription()
  /// What an unpriced model is charged; nil refuses such models.
  var ceiling: ModelPrices?
  private var places: [String: Field] = [:]

  mutating func read(_ section: Section) {
    if let field = section["routing"] { readRouting(field) }
    for element in section["gateways"]?.list() ?? [] { readGateway(element.named("gateway")) }
    if let field = section["model_routing"] { routes = readRoutes(field) }
  }

  private mutating func readRouting(_ field: Field) {
    guard let section = Section(field, keys: ["strategy", "unpriced_models", "affinity"]) else {
      return
    }
    strategy = section["strategy"]?.strategy()
    if let field = section["affinity"] { affinity = field.affinity() }
    guard let unpriced = section["unpriced_models"] else { return }
    if unpriced.isText {
      _ = unpriced.choice(["refuse"])
    } else {
      ceiling = Self.readPrices(unpriced)
    }
  }

  /// `{input: …, output: …}`, for models of which no more is known.
  static func readPrices(_ field: Field) -> ModelPrices? {
    guard let prices = Section(field, keys: ["input", "output"]) else { return nil }
    let form = "USD per million tokens"
    let parse: (String) -> Price? = { Price(dollarsPerMillionTokens: $0) }
    guard let input = prices.required("input")?.parsed(form, parse),
      let output = prices.required("output")?.parsed(form, parse)
    else { return nil }
    return ModelPrices(input: input, output: output)
  }

  private mutating func readGateway(_ element: Field) {
    let keys = [
      "name", "type", "base_url", "protocol", "authentication", "api_key", "api_keys", "region",
      "auth", "optional", "upstream_models", "trusted", "http2", "health_check",
      "responses_api", "responses_only", "api_version", "concurrency", "deployment_concurrency",
      "discovery",
    ]
    guard let section = Section(element, keys: keys),
      let nameField = section.required("name"), let name = nameField.entityName(),
      let typeName = section.required("type")?.choice(
        GatewayType.all.map(\.name), otherwise: GatewayType.help(for:)),
      let type = GatewayType.all.first(where: { $0.name == typeName })
    else { return }
    if let first = places[name] {
      nameField.report(
        "gateway `\(name)` is defined twice",
        help: "the first is on line \(first.place.line) of \(first.file.path)")
      return
    }
    places[name] = nameField
    if section["optional"]?.boolean() == true, let missing = missingVariables(section) {
      nameField.report(
        "gateway `\(name)` is skipped: \(missing)", severity: .notice,
        help: "it serves when the variable is set")
      skipped.insert(name)
      return
    }
    var wireProtocol = readProtocol(section["protocol"], of: type)
    var authentication = readAuthentication(section, type: type)
    let needsKey =
      type.needsKey && authentication.style != .none && authentication.source == nil
    let readKeys = readKeys(section, type: type, needsKey: needsKey)
    if authentication.source == nil, readKeys.allSatisfy({ $0.text.isEmpty }) {
      authentication.style = .none
    }
    guard let baseURL = readBaseURL(section, type: type, wireProtocol: &wireProtocol) else {
      return
    }
    // Under their OpenAI-compatible APIs all vendors take the key as OpenAI does.
    if wireProtocol == .openAICompatible, type.wireProtocol != .azure,
      section["authentication"] == nil, authentication.style != .none
    {
      authentication.style = .bearer
    }
    var description = GatewayDescription(
      name: name, baseURL: typeName == GatewayType.scripted ? nil : baseURL,
      wireProtocol: wireProtocol, authentication: authentication.style,
      credentialSource: authentication.source, isTrusted: section["trusted"]?.boolean() ?? false)
    description.healthCheck = section["health_check"].flatMap(readHealthCheck)
    if typeName == GatewayType.scripted, description.healthCheck != nil {
      section["health_check"]?.report("a gateway of type `scripted` is built in, and not probed")
    }
    readAPIs(section, &description)
    description.concurrency = readConcurrency(section["concurrency"])
    description.deploymentConcurrency = readConcurrency(section["deployment_concurrency"])
    gateways.append(
      ReadGateway(
        description: description, type: typeName, keys: readKeys,
        upstreamModels: readUpstreamModels(section),
        discovery: section["discovery"].flatMap(readDiscovery),
        responsesOnly: section["responses_only"]?.texts().map { $0.text } ?? [], field: nameField))
  }

  /// What an optional gateway lacks, in words; nil when it lacks nothing.
  private func missingVariables(_ section: Section) -> String? {
    var fields = [section["base_url"], section["api_key"], section["region"]].compactMap { $0 }
    if let keys = section["api_keys"], keys.isList {
      fields += keys.list().map { element in
        Section(element, keys: ["key", "weight", "region"])?["key"] ?? element
      }.filter(\.isText)
    }
    if let auth = section["auth"], auth.isMapping { fields += auth.entries().map(\.value) }
    let missing = fields.filter(\.isText).flatMap { $0.expansion()?.missing ?? [] }
    guard !missing.isEmpty else { return nil }
    let names = missing.map { "`\($0)`" }.joined(separator: " and ")
    return "environment variable \(names) is not set"
  }

  private func readProtocol(_ field: Field?, of type: GatewayType) -> WireProtocol {
    let names = WireProtocol.allCases.map(\.name)
    return field?.choice(names).flatMap { WireProtocol(name: $0) } ?? type.wireProtocol
  }

  private func readBaseURL(
    _ section: Section, type: GatewayType, wireProtocol: inout WireProtocol
  ) -> BaseURL? {
    if type.name == GatewayType.scripted {
      return BaseURL(isTLS: false, host: "127.0.0.1", port: 1, pathPrefix: "")
    }
    let http2 = readHTTP2(section["http2"])
    let text: String
    if let field = section["base_url"] {
      guard let given = field.text() else { return nil }
      text = given
    } else if let known = type.baseURL {
      text = known
    } else {
      section.field.report("`base_url` is missing: type `\(type.name)` has no address of its own")
      return nil
    }
    let place = section["base_url"] ?? section.field
    switch BaseURL.parse(text) {
    case .failure(let error):
      place.report("the URL `\(place.isText ? place.written() : text)` \(error.message)")
      return nil
    case .success(var url):
      if let operation = GatewayType.operation(in: url.pathPrefix) {
        place.report(
          "the URL `\(place.written())` is that of one operation", help: "leave out `\(operation)`")
        return nil
      }
      if section["protocol"] == nil, type.offersOpenAI(under: url.pathPrefix) {
        wireProtocol = .openAICompatible
      }
      // `http://localhost:8000` is what people write for a server whose API is under `/v1`.
      if url.pathPrefix.isEmpty { url.pathPrefix = GatewayType.pathPrefix(of: wireProtocol) }
      url.http2 = http2
      if http2 == .priorKnowledge && url.isTLS {
        section["http2"]?.report(
          "`prior_knowledge` is for `http://`: with TLS both sides agree on HTTP/2",
          help: "write `http2: auto`")
      }
      return url
    }
  }

  private func readHTTP2(_ field: Field?) -> HTTP2Use {
    field?.choice(HTTP2Use.allCases.map(\.name)).flatMap { HTTP2Use(name: $0) } ?? .off
  }

  private func readKeys(
    _ section: Section, type: GatewayType, needsKey: Bool
  ) -> [ReadGateway.Key] {
    let region = section["region"]?.text() ?? ""
    var keys: [ReadGateway.Key] = []
    if let list = section["api_keys"] {
      if let single = section["api_key"] {
        single.report("`api_key` and `api_keys` exclude each other")
      }
      keys = list.list().compactMap { readKey($0.named("api_keys"), region: region) }
    } else if let field = section["api_key"] {
      // A default may be empty: `${VLLM_API_KEY:-}` is "no key".
      guard let text = field.isNull ? "" : field.text() else { return [] }
      keys = [ReadGateway.Key(text: text, weight: 1, region: region)]
    }
    if needsKey, keys.allSatisfy({ $0.text.isEmpty }), !section.field.reading.hasErrors {
      section.field.report(
        "`api_key` is missing: type `\(type.name)` needs one",
        help: type.name == "azure"
          ? "give `api_key`, `auth: entra`, or `auth: none`" : "give `api_key`, or `auth: none`")
    }
    for key in keys where !key.text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) {
      section.field.report("an API key must be visible ASCII without spaces")
    }
    return keys.isEmpty ? [ReadGateway.Key(text: "", weight: 1, region: region)] : keys
  }

  private func readKey(_ field: Field, region: String) -> ReadGateway.Key? {
    if field.isText {
      return field.text().map { ReadGateway.Key(text: $0, weight: 1, region: region) }
    }
    guard let section = Section(field, keys: ["key", "weight", "region"]),
      let text = section.required("key")?.text()
    else { return nil }
    let weight = section["weight"]?.integer(1...Int64(CatalogLimits.weightMaximum)) ?? 1
    return ReadGateway.Key(
      text: text, weight: UInt32(weight), region: section["region"]?.text() ?? region)
  }

  private func readUpstreamModels(_ section: Section) -> [String: (name: String, field: Field)] {
    var result: [String: (name: String, field: Field)] = [:]
    for (model, value) in section["upstream_models"]?.entries() ?? [] {
      if let name = value.text() { result[model.text] = (name, model.field) }
    }
    return result
  }
}
