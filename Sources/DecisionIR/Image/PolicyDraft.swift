// SPDX-License-Identifier: MIT

/// What a scope asks of the principal or the resource.
public enum EntityScope: Sendable, Hashable {
  case any
  case `is`(String)
  case equal(EntityName)
  case `in`(EntityName)
  case isIn(String, EntityName)
}

/// What a scope asks of the action.
public enum ActionScope: Sendable, Hashable {
  case any
  case equal(EntityName)
  /// In one of these; an empty list matches nothing.
  case `in`([EntityName])
}

/// A policy as the compiler hands it to a draft.
public struct PolicyDraft {
  public var id: String
  public var isForbid: Bool
  public var principal: EntityScope = .any
  public var action: ActionScope = .any
  public var resource: EntityScope = .any
  /// Numbers of the conditions that must all hold, in order.
  public var conjuncts: [UInt32] = []
  /// Keys and values in order.
  public var annotations: [(key: String, value: String)] = []
  /// `@priority` times 10^4; 0 when there is none.
  public var priority: Int64 = 0
  public var file = ""
  /// From 1.
  public var line: UInt32 = 1

  public init(id: String, isForbid: Bool) {
    self.id = id
    self.isForbid = isForbid
  }
}
