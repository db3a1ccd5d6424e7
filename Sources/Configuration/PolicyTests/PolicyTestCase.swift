// SPDX-License-Identifier: MIT

public import ModelCatalog
public import Routing

/// One test of a policy file: a request, the state of the world, and what must come of it.
public struct PolicyTestCase: Sendable {
  public var name: String
  public var file: String
  public var line: Int

  public var user = "test-user"
  public var team = ""
  public var requestedModel = ""
  public var capability = Capabilities.chat
  public var context = Context()
  /// Live attributes by model.
  public var models: [(name: String, state: PinnedState)] = []
  public var expectation = Expectation()

  /// The context; nil and empty stand for the neutral value.
  public struct Context: Sendable {
    public var costBudgetRemaining: Int64?
    public var budgetUsedRatio: Int64 = 0
    public var latencySLAMilliseconds: Int64?
    public var estimatedInputTokens: Int64 = 0
    public var maximumOutputTokens: Int64 = -1
    public var isStream = false
    public var hasTools = false
    public var hasImages = false
    public var useCase = ""
    public var nowMilliseconds: Int64 = 0
    public var sourceAddress = SourceAddress.unknown
    public var tags: [String] = []
  }

  /// What must hold; nil is not looked at.
  public struct Expectation: Sendable {
    public var isAllowed: Bool?
    public var model: String?
    public var policies: [String]?
    public var models: [String]?
    public var excludes: [String] = []
    public var maximumOutputTokens: Int64?
    public var timeoutMilliseconds: Int64?
    /// 0 for no signs of life.
    public var keepAliveMilliseconds: Int64?
    public var hedge: String?
    public var isCacheOff: Bool?
    public var tag: String?
  }
}
