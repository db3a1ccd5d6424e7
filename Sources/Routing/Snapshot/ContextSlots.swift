// SPDX-License-Identifier: MIT

internal import DecisionIR

/// Where the attributes of the routing context go; nil where no policy reads one.
struct ContextSlots: Sendable {
  let requestedModel: ContextSlot?
  let costBudgetRemaining: ContextSlot?
  let budgetUsedRatio: ContextSlot?
  let latencySLA: ContextSlot?
  let estimatedInputTokens: ContextSlot?
  let maximumOutputTokens: ContextSlot?
  let estimatedCost: ContextSlot?
  let stream: ContextSlot?
  let hasTools: ContextSlot?
  let hasImages: ContextSlot?
  let useCase: ContextSlot?
  let now: ContextSlot?
  let sourceIP: ContextSlot?
  let tags: ContextSlot?

  init(_ program: Program) {
    requestedModel = program.contextSlot("requested_model")
    costBudgetRemaining = program.contextSlot("cost_budget_remaining")
    budgetUsedRatio = program.contextSlot("budget_used_ratio")
    latencySLA = program.contextSlot("latency_sla_ms")
    estimatedInputTokens = program.contextSlot("estimated_input_tokens")
    maximumOutputTokens = program.contextSlot("max_output_tokens")
    estimatedCost = program.contextSlot("estimated_cost")
    stream = program.contextSlot("stream")
    hasTools = program.contextSlot("has_tools")
    hasImages = program.contextSlot("has_images")
    useCase = program.contextSlot("use_case")
    now = program.contextSlot("now")
    sourceIP = program.contextSlot("source_ip")
    tags = program.contextSlot("tags")
  }
}
