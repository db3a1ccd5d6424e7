// SPDX-License-Identifier: MIT

internal import ModelCatalog
internal import Routing

/// Reads the tests beside a policy file: `x.test.yaml` beside `x.cedar`.
public enum PolicyTestFile {
  /// All tests that can be read and everything wrong with the others.
  public static func parse(
    _ text: String, path: String
  ) -> (tests: [PolicyTestCase], problems: [ConfigurationProblem]) {
    let reading = Reading(environment: [:])
    let file = SourceFile(path: path, text: text)
    guard let root = Document.parse(text, file: file, reading: reading, name: "policy tests"),
      let section = Section(root, keys: ["tests"])
    else { return ([], reading.problems) }
    let tests = (section.required("tests")?.list() ?? []).compactMap { read($0.named("test")) }
    return (tests, reading.problems)
  }

  private static func read(_ element: Field) -> PolicyTestCase? {
    guard let section = Section(element, keys: ["name", "request", "models", "expect"]),
      let name = section.required("name")?.text(),
      let request = section.required("request"), let expect = section.required("expect")
    else { return nil }
    var test = PolicyTestCase(
      name: name, file: element.file.path, line: element.place.line)
    readRequest(request, &test)
    for (model, value) in section["models"]?.entries() ?? [] {
      if let state = readState(value) { test.models.append((model.text, state)) }
    }
    readExpectation(expect, &test.expectation)
    return test
  }

  private static func readRequest(_ field: Field, _ test: inout PolicyTestCase) {
    let keys = ["principal", "team", "requested_model", "capability", "context"]
    guard let section = Section(field, keys: keys) else { return }
    if let value = section["principal"]?.text() { test.user = value }
    if let value = section["team"]?.text() { test.team = value }
    if let value = section.required("requested_model")?.text() { test.requestedModel = value }
    if let value = section["capability"]?.choice(["chat", "completion", "embeddings"]) {
      test.capability = Capabilities(name: value) ?? .chat
    }
    if let field = section["context"] { readContext(field, &test.context) }
  }

  private static func readContext(_ field: Field, _ context: inout PolicyTestCase.Context) {
    let keys = [
      "cost_budget_remaining", "budget_used_ratio", "latency_sla_ms", "estimated_input_tokens",
      "max_output_tokens", "stream", "has_tools", "has_images", "use_case", "now_ms", "source_ip",
      "tags",
    ]
    guard let section = Section(field, keys: keys) else { return }
    let decimal = "a number with at most four fraction digits"
    let whole: ClosedRange<Int64> = 0...Int64.max
    context.costBudgetRemaining = section["cost_budget_remaining"]?.parsed(
      decimal, Quantity.cedarDecimal)
    if let value = section["budget_used_ratio"]?.parsed(decimal, Quantity.cedarDecimal) {
      context.budgetUsedRatio = value
    }
    context.latencySLAMilliseconds = section["latency_sla_ms"]?.integer(whole)
    section.set(&context.estimatedInputTokens, "estimated_input_tokens", integer: whole)
    section.set(&context.maximumOutputTokens, "max_output_tokens", integer: whole)
    section.set(&context.nowMilliseconds, "now_ms", integer: whole)
    if let value = section["stream"]?.boolean() { context.isStream = value }
    if let value = section["has_tools"]?.boolean() { context.hasTools = value }
    if let value = section["has_images"]?.boolean() { context.hasImages = value }
    if let value = section["use_case"]?.text() { context.useCase = value }
    if let value = section["source_ip"]?.parsed("an IPv4 address", version4) {
      context.sourceAddress = .version4(value)
    }
    if let field = section["tags"] { context.tags = field.texts().map(\.text) }
  }

  private static func version4(_ text: String) -> UInt32? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false).map {
      Quantity.digits($0)
    }
    guard parts.count == 4 else { return nil }
    var address: UInt32 = 0
    for part in parts {
      guard let part, part <= 255 else { return nil }
      address = address << 8 | UInt32(part)
    }
    return address
  }

  private static func readState(_ field: Field) -> PinnedState? {
    let keys = [
      "average_latency_ms", "p95_latency_ms", "current_error_rate", "in_flight", "circuit",
    ]
    guard let section = Section(field, keys: keys) else { return nil }
    var state = PinnedState()
    state.averageLatencyMilliseconds = section["average_latency_ms"]?.integer(0...Int64.max)
    state.percentile95LatencyMilliseconds = section["p95_latency_ms"]?.integer(0...Int64.max)
    state.inFlight = section["in_flight"]?.integer(0...Int64.max)
    state.errorRateCedarDecimal = section["current_error_rate"]?.parsed(
      "a share from 0 to 1 with at most four fraction digits", Quantity.cedarDecimal)
    switch section["circuit"]?.choice(["closed", "half-open", "open"]) {
    case "closed": state.circuit = .closed
    case "half-open": state.circuit = .halfOpen
    case "open": state.circuit = .open
    default: break
    }
    return state
  }

  private static func readExpectation(
    _ field: Field, _ expectation: inout PolicyTestCase.Expectation
  ) {
    let keys = [
      "decision", "model", "policies", "models", "excludes", "max_output_tokens", "timeout_ms",
      "keep_alive_ms", "hedge", "cache", "tag",
    ]
    guard let section = Section(field, keys: keys) else { return }
    if let decision = section["decision"]?.choice(["allow", "deny"]) {
      expectation.isAllowed = decision == "allow"
    }
    expectation.model = section["model"]?.text()
    expectation.policies = section["policies"]?.texts().map(\.text)
    expectation.models = section["models"]?.texts().map(\.text)
    expectation.excludes = section["excludes"]?.texts().map(\.text) ?? []
    expectation.maximumOutputTokens = section["max_output_tokens"]?.integer(1...Int64.max)
    expectation.timeoutMilliseconds = section["timeout_ms"]?.integer(1...Int64.max)
    expectation.keepAliveMilliseconds = section["keep_alive_ms"]?.integer(0...Int64.max)
    expectation.hedge = section["hedge"]?.text()
    expectation.isCacheOff = section["cache"]?.choice(["on", "off"]).map { $0 == "off" }
    expectation.tag = section["tag"]?.text()
  }
}
