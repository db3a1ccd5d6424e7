// SPDX-License-Identifier: MIT

import ArgumentParser
import Bytes
import CedarSyntax
import Configuration
import DecisionIR
import Foundation
import ModelCatalog
import PolicyCompiler
import Routing

struct RouteCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "route",
    abstract: "Shows where a request would go, offline, with the whole ranking explained.",
    discussion: """
      Uses the gateway's configuration and policies with every model healthy and unmeasured. Exit \
      code 0 when a model is chosen, 1 when none is.
      """)

  @OptionGroup var gateway: GatewayOptions

  @Argument(help: "The requested model: a name, a group, a glob or `auto`.")
  var model: String

  @Option(help: "The user who asks.")
  var user = "test-user"

  @Option(help: "The user's team.")
  var team = ""

  @Option(help: "USD left of the budget, such as 9.99.")
  var budget: String?

  @Option(help: "Used part of the budget, 0.0 to 1.0.")
  var budgetUsed = "0.0"

  @Option(help: "Milliseconds that the first byte may take.")
  var latency: Int64?

  @Option(help: "Tokens of the prompt.")
  var inputTokens: Int64 = 0

  @Option(help: "Tokens of the answer at most.")
  var outputTokens: Int64?

  @Option(help: "The declared use, such as `batch`.")
  var useCase = ""

  @Flag(help: "The answer is streamed.")
  var stream = false

  @Flag(help: "The request has tools.")
  var tools = false

  @Flag(help: "The request has images.")
  var images = false

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    if let budget { _ = try decimal(budget, "--budget") }
    guard (0...DecimalText.scale).contains(try decimal(budgetUsed, "--budget-used")) else {
      throw ValidationError("--budget-used must be 0.0 to 1.0")
    }
    let counts = [
      ("--latency", latency), ("--input-tokens", inputTokens), ("--output-tokens", outputTokens),
    ]
    for (option, value) in counts where value ?? 0 < 0 {
      throw ValidationError("\(option) must not be negative")
    }
  }

  private func decimal(_ text: String, _ option: String) throws -> Int64 {
    let whole = text.contains(".") ? text : text + ".0"
    guard case .success(let scaled) = DecimalText.parse(whole) else {
      throw ValidationError("\(option) must be a decimal with at most 4 fraction digits")
    }
    return scaled
  }

  func run() throws {
    let snapshot = try gateway.snapshot()
    let router = Router(snapshot)
    let principal = snapshot.principal(user: user, team: team)
    let remaining = try budget.map { try decimal($0, "--budget") }
    let used = try decimal(budgetUsed, "--budget-used")
    var plan = RoutePlan()
    let report = model.withByteView { name in
      useCase.withByteView { use in
        var request = RouteRequest(requestedModel: name, nowMilliseconds: 0)
        request.costBudgetRemaining = remaining
        request.budgetUsedRatio = used
        request.latencySLAMilliseconds = latency
        request.estimatedInputTokens = inputTokens
        request.maximumOutputTokens = outputTokens ?? -1
        request.isStream = stream
        request.hasTools = tools
        request.hasImages = images
        request.useCase = use
        request.wallMilliseconds = Int64(Date().timeIntervalSince1970 * 1000)
        router.route(request, principal: principal, into: &plan)
        return RouteReport(router, plan, request, principal)
      }
    }
    Console.out(json ? report.json.prettyText + "\n" : report.text(requested: model))
    if plan.attemptCount == 0 { throw ExitCodes.findings }
  }
}
