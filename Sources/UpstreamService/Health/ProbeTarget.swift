// SPDX-License-Identifier: MIT

public import ModelCatalog
public import Routing

/// An account that is probed, and what hangs on it.
public struct ProbeTarget: Sendable {
  public struct Deployment: Sendable {
    public var health: HealthReference
    public var upstreamModel: String
    /// Whether a chat can try it out.
    public var isChat: Bool

    public init(health: HealthReference, upstreamModel: String, isChat: Bool) {
      self.health = health
      self.upstreamModel = upstreamModel
      self.isChat = isChat
    }
  }

  public var account: UpstreamAccount
  public var settings: HealthCheckSettings
  public var deployments: [Deployment]
  /// What chats go to: the upstream's name of a model.
  public var chatModel: String

  public init(
    account: UpstreamAccount, settings: HealthCheckSettings, deployments: [Deployment],
    chatModel: String
  ) {
    self.account = account
    self.settings = settings
    self.deployments = deployments
    self.chatModel = chatModel
  }
}

/// What a prober tells its owner, for metrics and the log. `target` counts from 0.
public enum ProbeReport: Sendable {
  case probed(target: Int, ProbeResult, durationNanoseconds: Int64)
  /// - Parameter reason: what the probe that decided met with, in words.
  case changed(target: Int, ProbeVerdict, reason: String)
}

/// What an answer, or none, says of an upstream.
struct ProbeFinding {
  var result: ProbeResult
  var outcome: AttemptOutcome
  /// In words.
  var reason: String

  /// A server that refuses the request has read it, and is well; one that refuses the key is of no
  /// use to anyone.
  init(_ answer: UpstreamAnswer) {
    reason = "status \(answer.status)"
    switch answer.status {
    case 429:
      result = .inconclusive
      outcome = .rateLimited(retryAfterMilliseconds: answer.retryAfterMilliseconds ?? -1)
    case 401, 403, 407, 408, 500...:
      result = .failure
      outcome = .failure
    default:
      result = .success
      outcome = .success
    }
  }

  init(_ problem: UpstreamProblem) {
    reason = problem.description
    let isAnswer = problem.kind != .notAsked
    result = isAnswer ? .failure : .inconclusive
    outcome = isAnswer ? .failure : .ignored
  }
}
