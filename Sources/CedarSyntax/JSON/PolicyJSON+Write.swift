// SPDX-License-Identifier: MIT

extension PolicySet {
  /// The set in Cedar's JSON policy format:
  /// `{"staticPolicies": {id: policy}, "templates": {id: policy}, "templateLinks": [link]}`.
  /// Dialect forms are desugared.
  public var json: CedarJSON {
    let entry = { (policy: Policy) in CedarJSON.Member(policy.id, policy.json) }
    return .members(
      ("templates", .object(policies.filter(\.isTemplate).map(entry))),
      ("staticPolicies", .object(policies.filter { !$0.isTemplate }.map(entry))),
      ("templateLinks", .array(links.map(\.json))))
  }
}

extension TemplateLink {
  var json: CedarJSON {
    let slots = Slot.allCases.compactMap { slot in
      values[slot].map { CedarJSON.Member(slot.text, .members(("__entity", $0.json))) }
    }
    return .members(
      ("newId", .string(id)), ("templateId", .string(templateID)), ("values", .object(slots)))
  }
}

extension EntityUID {
  /// `{"type": …, "id": …}`.
  public var json: CedarJSON {
    .members(("type", .string(type.description)), ("id", .string(id)))
  }
}

extension Policy {
  /// The policy or template in Cedar's JSON policy format. Dialect forms are desugared.
  public var json: CedarJSON {
    let policy = desugared()
    var members: [CedarJSON.Member] = [
      .init("effect", .string(policy.effect.rawValue)),
      .init("principal", policy.principal.json),
      .init("action", policy.action.json),
      .init("resource", policy.resource.json),
      .init(
        "conditions",
        .array(
          policy.conditions.map {
            .members(("kind", .string($0.kind.rawValue)), ("body", $0.body.json))
          })),
    ]
    if !policy.annotations.isEmpty {
      members.append(.init("annotations", .object(policy.annotations.map(\.jsonMember))))
    }
    return .object(members)
  }
}

extension Annotation {
  fileprivate var jsonMember: CedarJSON.Member {
    if case .absent = value { return .init(key, .null) }
    return .init(key, .string(text))
  }
}

extension ScopeConstraint {
  fileprivate var json: CedarJSON {
    switch kind {
    case .any: .members(("op", .string("All")))
    case .equal(let reference):
      .object([.init("op", .string("==")), reference.jsonMember])
    case .in(let reference): .object([.init("op", .string("in")), reference.jsonMember])
    case .is(let type):
      .members(("op", .string("is")), ("entity_type", .string(type.description)))
    case .isIn(let type, let reference):
      .members(
        ("op", .string("is")), ("entity_type", .string(type.description)),
        ("in", .object([reference.jsonMember])))
    }
  }
}

extension EntityReference {
  fileprivate var jsonMember: CedarJSON.Member {
    switch self {
    case .entity(let uid): .init("entity", uid.json)
    case .slot(let slot, _): .init("slot", .string(slot.text))
    }
  }
}

extension ActionConstraint {
  fileprivate var json: CedarJSON {
    switch kind {
    case .any: .members(("op", .string("All")))
    case .equal(let action): .members(("op", .string("==")), ("entity", action.uid.json))
    case .in(let action): .members(("op", .string("in")), ("entity", action.uid.json))
    // A list of one is written as the reference does, as the single entity.
    case .inSet(let actions) where actions.count == 1:
      .members(("op", .string("in")), ("entity", actions[0].uid.json))
    case .inSet(let actions):
      .members(("op", .string("in")), ("entities", .array(actions.map(\.uid.json))))
    }
  }
}
