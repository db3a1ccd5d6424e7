// SPDX-License-Identifier: MIT

internal import Accounts
internal import Bytes
internal import Clocks
internal import DecisionIR
internal import EventLoop
internal import HTTPWire
internal import JSON
internal import ModelCatalog
internal import Network
internal import Routing
internal import Telemetry

/// Stage 6: which deployments may serve the request, in which order.
extension Worker {
  /// Fills the exchange's plan. Answers the request and returns false when there is nowhere to go.
  func route(_ client: Client) -> Bool {
    retryBudget.earn()
    let router = client.pointee.exchange.lease!.pointee.uncountedRouter
    var request = RouteRequest(
      requestedModel: requestedModel(client), key: client.pointee.exchange.key,
      nowMilliseconds: nowMilliseconds)
    fill(&request, client)
    let start = Loop.nanoseconds
    router._withUnsafeGuaranteedRef {
      $0.route(request, into: &client.pointee.exchange.plan)
    }
    let end = Loop.nanoseconds
    let elapsed = end - start
    client.pointee.exchange.attemptStartNanoseconds = end
    let outcome = client.pointee.exchange.plan.outcome
    metrics.decided(outcome.metric, in: Interval(nanoseconds: Int64(elapsed)))
    let random = random.next()
    client.pointee.exchange.decision = router._withUnsafeGuaranteedRef {
      decisions.record(
        client, router: $0, request: request, nanoseconds: elapsed, random: random)
    }
    guard outcome == .routed else {
      refuseUnrouted(client, outcome, request.requestedModel)
      return false
    }
    obey(client)
    return true
  }

  private func fill(_ request: inout RouteRequest, _ client: Client) {
    let record = client.pointee.exchange.lease!.pointee.snapshot.keys.record(
      client.pointee.exchange.key)
    request.capability = client.pointee.exchange.endpoint.capability
    request.estimatedInputTokens = estimatedInputTokens(client)
    request.maximumOutputTokens = client.pointee.exchange.wantedOutputTokens
    request.isStream = client.pointee.exchange.wantsStream
    request.hasTools =
      client.pointee.exchange.facts.hasTools || client.pointee.exchange.foreignHasTools
    request.hasImages =
      client.pointee.exchange.facts.hasImages || client.pointee.exchange.foreignHasImages
    request.costBudgetRemaining = record.budgetCedarDecimal
    request.latencySLAMilliseconds = record.latencySLAMilliseconds
    request.sourceAddress = client.pointee.sourceAddress
    request.wallMilliseconds = wallMilliseconds
    request.random = random.next()
    readHints(client, &request)
    let affinity = client.pointee.exchange.lease!.pointee.affinity
    if affinity.used.rawValue != 0 { readAffinity(client, affinity, &request) }
  }

  /// A quarter of the bytes of the messages: the usual rule of thumb for English text. An estimate
  /// for policies, not the bound that budgets reserve.
  func estimatedInputTokens(_ client: Client) -> Int64 {
    let span =
      switch client.pointee.exchange.endpoint {
      case .completions: client.pointee.exchange.facts.prompt
      case .embeddings, .speech, .moderations: client.pointee.exchange.facts.input
      case .rerank, .imageGenerations:
        JSONSpan(
          range: ByteRange(start: 0, count: UInt32(clamping: client.pointee.bodyLength)),
          kind: .object)
      case .responses, .responseTokens, .geminiGenerate, .geminiStream, .geminiCount, .geminiEmbed,
        .geminiBatchEmbed, .bedrockConverse, .bedrockStream:
        JSONSpan(
          range: ByteRange(start: 0, count: UInt32(clamping: client.pointee.bodyLength)),
          kind: .object)
      default: client.pointee.exchange.facts.messages
      }
    return Int64(span.range.count) / 4 + 1
  }

  /// What a caller may say to policies in headers: `x-gateway-use-case`, `x-gateway-tags` (comma
  /// separated), `x-gateway-latency-sla-ms`.
  private func readHints(_ client: Client, _ request: inout RouteRequest) {
    let fields = requestFields(client)
    guard fields.generation != hintlessGeneration else { return }
    var hasHints = false
    for index in 0..<fields.table.count {
      let field = fields.table[index]
      guard field.known == .other, field.nameCount >= 14 else { continue }
      let name = fields.head[field.name]
      guard name.prefix(10).equalsIgnoringCase("x-gateway-") else { continue }
      hasHints = true
      let value = fields.head[field.value]
      guard value.isASCII else { continue }
      if name.equalsIgnoringCase("x-gateway-use-case") { request.useCase = value }
      if name.equalsIgnoringCase("x-gateway-tags") { addTags(value, &request) }
      if name.equalsIgnoringCase("x-gateway-latency-sla-ms"), let limit = value.decimal {
        request.latencySLAMilliseconds = limit
      }
    }
    if !hasHints { hintlessGeneration = fields.generation }
  }

  private func addTags(_ list: ByteView, _ request: inout RouteRequest) {
    var rest = list
    while !rest.isEmpty {
      let end = rest.firstIndex(of: UInt8(ascii: ",")) ?? rest.count
      let tag = rest.prefix(end).trimmed
      if !tag.isEmpty { request.add(tag: tag) }
      rest = rest.dropFirst(end + 1)
    }
  }

  /// What the deciding permit obliges to, and what the gateway asks for on its own account.
  private func obey(_ client: Client) {
    let obligations = client.pointee.exchange.plan.obligations
    if obligations.maximumOutputTokens >= 0, client.pointee.exchange.endpoint.task == .chat {
      let wanted = client.pointee.exchange.wantedOutputTokens
      if wanted < 0 || wanted > obligations.maximumOutputTokens {
        client.pointee.exchange.outputTokensMaximum = obligations.maximumOutputTokens
      }
    }
    if obligations.timeoutMilliseconds > 0 {
      client.pointee.exchange.totalDeadlineMilliseconds = min(
        client.pointee.exchange.totalDeadlineMilliseconds,
        loop.nowMilliseconds + UInt64(obligations.timeoutMilliseconds))
    }
    let keepAlive =
      obligations.keepAliveMilliseconds >= 0
      ? Int64(obligations.keepAliveMilliseconds) : settings.keepAliveMilliseconds
    if keepAlive > 0 { beginKeepAlive(client, keepAlive) }
    // Usage is always asked for, and stripped again from a stream whose caller did not ask.
    if client.pointee.exchange.facts.wantsStream && !client.pointee.exchange.facts.wantsUsage
      && client.pointee.exchange.endpoint.api == .openAI
      && client.pointee.exchange.endpoint.task == .chat
    {
      client.pointee.exchange.asksForUsage = true
      client.pointee.exchange.stripsUsage = true
    }
  }

  // MARK: Nowhere to go

  private func refuseUnrouted(
    _ client: Client, _ outcome: RouteOutcome, _ requested: ByteView
  ) {
    let lease = client.pointee.exchange.lease!
    let catalog = lease.pointee.snapshot.catalog
    let name = requested.prefix(200).string
    switch outcome {
    case .unknownModel:
      let near = nearestNames(to: requested, client)
      let hint =
        near.isEmpty
        ? "GET /v1/models lists what there is."
        : "Did you mean \(near.map { "'\($0)'" }.joined(separator: ", "))?"
      refuse(
        client,
        GatewayError(
          .modelNotFound,
          "The model '\(name)' does not exist here. \(hint)\(patternHint(catalog, requested))",
          parameter: "model"))
    case .notServed:
      refuse(
        client,
        GatewayError(
          .modelNotFound,
          "The model '\(name)' is known, but no configured provider serves it. "
            + "GET /v1/models lists what is served.", parameter: "model"))
    case .denied: refuseDenied(client, name)
    case .unavailable: refuseUnhealthy(client)
    case .incapable:
      refuse(
        client,
        GatewayError(
          .modelUnsupported,
          "No model behind '\(name)' can do what the request needs (its endpoint, tools, images "
            + "or context length).", parameter: "model"))
    case .keyMayNot:
      refuse(
        client,
        GatewayError(
          .keyNotAllowed, "This key may not use '\(name)'.", parameter: "model"))
    case .unpriced:
      refuse(
        client,
        GatewayError(
          .forbiddenByPolicy,
          "No model behind '\(name)' has a price, and unpriced models are "
            + "refused.", parameter: "model"))
    case .routed: break
    }
  }

  private func refuseDenied(_ client: Client, _ name: String) {
    let lease = client.pointee.exchange.lease!
    let forbids = lease.pointee.router.forbids(of: client.pointee.exchange.plan)
    let reason =
      forbids.isEmpty
      ? "No policy permits it."
      : "Forbidden by \(forbids.map { "'\($0)'" }.joined(separator: ", "))."
    refuse(
      client,
      GatewayError(
        .forbiddenByPolicy, "The policies do not allow '\(name)' for this request. \(reason)",
        parameter: "model"))
  }

  func refuseUnhealthy(_ client: Client) {
    let wait = client.pointee.exchange.plan.retryAfterMilliseconds
    refuse(
      client,
      GatewayError(
        .noHealthyDeployment,
        "Every deployment that may serve this request is failing at the moment.",
        retryAfterSeconds: UInt64(max(1, (wait + 999) / 1000))))
  }

  // MARK: Reading the plan

  @inline(__always)
  func deployment(_ client: Client, step: Int) -> UnsafeMutablePointer<DeploymentRuntime> {
    let index = client.pointee.exchange.plan.attempt(step).deployment
    return client.pointee.exchange.lease!.pointee.deployments + Int(index.rawValue)
  }

  /// The deployment of the attempt under way, or of the last one.
  @inline(__always)
  func currentDeployment(_ client: Client) -> UnsafeMutablePointer<DeploymentRuntime> {
    let last = client.pointee.exchange.plan.attemptCount - 1
    return deployment(client, step: min(client.pointee.exchange.step, last))
  }
}

extension RouteOutcome {
  var metric: DecisionOutcome {
    switch self {
    case .routed: .routed
    case .unknownModel, .notServed, .incapable: .unknownModel
    case .denied, .keyMayNot, .unpriced: .forbidden
    case .unavailable: .unavailable
    }
  }
}
