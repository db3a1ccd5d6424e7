// SPDX-License-Identifier: MIT

public import ModelCatalog

/// A model as its upstream lists it.
public struct ListedModel: Hashable, Sendable {
  /// What requests name it by.
  public var name: String
  /// Nil where the list does not say.
  public var contextTokens: Int64?
  public var outputTokens: Int64?
  /// What the list says that it can do; empty where it says nothing of it.
  public var capabilities: Capabilities = []

  public init(
    _ name: String, contextTokens: Int64? = nil, outputTokens: Int64? = nil,
    capabilities: Capabilities = []
  ) {
    self.name = name
    self.contextTokens = contextTokens
    self.outputTokens = outputTokens
    self.capabilities = capabilities
  }
}

/// Why an upstream's models are not known.
public struct ListingProblem: Error, Equatable, Sendable, CustomStringConvertible {
  /// Nil where there was no answer.
  public var status: Int?
  /// In words, lower case.
  public var description: String

  public init(status: Int? = nil, _ description: String) {
    self.status = status
    self.description = description
  }
}
