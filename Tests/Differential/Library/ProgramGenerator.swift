// SPDX-License-Identifier: MIT

import CedarSyntax
import DecisionIR
import TestSupport

/// Draws policies, entities and requests from a small world, so that scopes match, attributes meet
/// and errors happen often.
struct ProgramGenerator {
  var random: SeededGenerator
  /// Whether everything has the type that is wanted, so that overflow, missing entities and
  /// missing attributes are the only errors left.
  let isTyped: Bool

  init(seed: UInt64, isTyped: Bool = false) {
    random = SeededGenerator(seed: seed)
    self.isTyped = isTyped
  }

  /// Whether something of another type is drawn here.
  mutating func strays(_ percent: Int = 4) -> Bool { !isTyped && chance(percent) }

  static let types = ["User", "Team", "Doc", "NS::Box"]
  static let ids = ["a", "b", "c", ""]
  static let attributes = [
    "n", "big", "s", "t", "set", "mix", "ents", "rec", "ent", "dec", "ip", "dt", "du", "none",
  ]
  static let tags = ["k", "s", ""]

  mutating func pick<Element>(_ choices: [Element]) -> Element {
    choices[Int.random(in: 0..<choices.count, using: &random)]
  }

  mutating func chance(_ percent: Int) -> Bool {
    Int.random(in: 0..<100, using: &random) < percent
  }

  // MARK: entities and requests

  mutating func uid() -> EntityUID {
    EntityUID(type: Self.name(pick(Self.types)), id: pick(Self.ids))
  }

  static func name(_ text: String) -> Name {
    Name(text.split(separator: ":").map(String.init))
  }

  mutating func action() -> EntityUID {
    EntityUID(type: Name(["Action"]), id: pick(["read", "write", "all", "odd"]))
  }

  static func entityName(_ uid: EntityUID) -> EntityName {
    EntityName(type: uid.type.description, id: uid.id)
  }

  /// A value that the attribute of this name mostly has; sometimes another.
  mutating func datum(_ attribute: String, depth: Int = 2) -> Datum {
    switch strays(10) ? pick(Self.attributes) : attribute {
    case "n": .long(Int64.random(in: -3...12, using: &random))
    case "big": .long(pick([Int64.max, Int64.min, 1 << 60, -4_611_686_018_427_387_904]))
    case "s": .text(pick(["", "a", "abc", "a*b", "héllo", "10.0", "10.0.0.1", "2024-01-01"]))
    case "t": .bool(chance(50))
    case "set": .set(Set((0..<Int.random(in: 0...3, using: &random)).map { _ in datum("n") }))
    case "mix":
      depth == 0
        ? .set([])
        : .set(
          Set((0..<Int.random(in: 0...4, using: &random)).map { _ in datum("", depth: depth - 1) }))
    case "ents": .set(Set((0..<2).map { _ in .entity(Self.entityName(uid())) }))
    case "rec":
      depth == 0
        ? .record([:])
        : .record(["n": datum("n"), "s": datum("s"), "rec": datum("rec", depth: depth - 1)])
    case "ent": .entity(Self.entityName(uid()))
    case "dec": .decimal(pick([0, 5000, 12_300, 100_000, -70_000, Int64.max, Int64.min]))
    case "ip": .ip(address())
    case "dt": .datetime(pick([0, -1, 1_728_988_500_000, Int64.min, Int64.max, 86_400_000]))
    case "du": .duration(pick([0, 1500, -1500, 86_400_000, Int64.max, Int64.min]))
    default: .long(1)
    }
  }

  private mutating func address() -> IPRange {
    let texts = ["10.0.0.1", "10.0.0.0/8", "127.0.0.1", "::1", "ff00::/8", "224.0.0.0/3"]
    if case .success(.ip(let range))? = ExtensionText.construct("ip", pick(texts)) { return range }
    return IPRange(high: 0, low: 0, prefix: 0, isVersion6: false)
  }

  mutating func attributeRecord() -> [Text: Datum] {
    var result: [Text: Datum] = [:]
    for attribute in Self.attributes where attribute != "none" && chance(75) {
      result[Text(attribute)] = datum(attribute)
    }
    return result
  }

  /// Most entities of the world; parents stand later in the list, so that there is no cycle.
  mutating func entities() -> [EntityData] {
    var names: [EntityName] = []
    for type in Self.types {
      for id in Self.ids { names.append(EntityName(type: type, id: id)) }
    }
    names.shuffle(using: &random)
    var result: [EntityData] = []
    for (index, name) in names.enumerated() where chance(85) {
      var entity = EntityData(name, attributes: attributeRecord())
      let later = Array(names[(index + 1)...])
      while !later.isEmpty, chance(50) { entity.parents.append(pick(later)) }
      for tag in Self.tags where chance(40) { entity.tags[Text(tag)] = datum(pick(["n", "s"])) }
      result.append(entity)
    }
    let all = EntityName(type: "Action", id: "all")
    for id in ["read", "write"] {
      result.append(EntityData(EntityName(type: "Action", id: id), parents: [all]))
    }
    return result
  }

  mutating func request() -> RequestParts {
    RequestParts(
      principal: Self.entityName(uid()), action: Self.entityName(action()),
      resource: Self.entityName(uid()), context: attributeRecord())
  }

  struct RequestParts {
    var principal: EntityName
    var action: EntityName
    var resource: EntityName
    var context: [Text: Datum]
  }

  // MARK: policies

  mutating func policies(_ count: Int) -> [Policy] {
    (0..<count).map { policy(index: $0) }
  }

  mutating func policy(index: Int) -> Policy {
    var policy = Policy(id: "policy\(index)", effect: chance(65) ? .permit : .forbid)
    policy.principal = scope()
    policy.resource = scope()
    policy.action = actionScope()
    if chance(50) {
      policy.annotations.append(
        Annotation(key: "priority", value: .string(String(pick([1, 5, 10])))))
    }
    for _ in 0..<pick([0, 1, 1, 1, 2]) {
      var expressions = ExpressionGenerator(world: self)
      policy.conditions.append(
        Condition(chance(75) ? .when : .unless, expressions.bool(depth: 3)))
      random = expressions.world.random
    }
    return policy
  }

  mutating func scope() -> ScopeConstraint {
    switch Int.random(in: 0..<10, using: &random) {
    case 0: ScopeConstraint(.equal(.entity(uid())))
    case 1, 2: ScopeConstraint(.in(.entity(uid())))
    case 3, 4: ScopeConstraint(.is(Self.name(pick(Self.types))))
    case 5: ScopeConstraint(.isIn(Self.name(pick(Self.types)), .entity(uid())))
    default: .any
    }
  }

  private mutating func actionScope() -> ActionConstraint {
    switch Int.random(in: 0..<8, using: &random) {
    case 0: ActionConstraint(.equal(ActionReference(action())))
    case 1: ActionConstraint(.in(ActionReference(action())))
    case 2:
      ActionConstraint(
        .inSet((0..<pick([0, 1, 2])).map { _ in ActionReference(action()) }))
    default: .any
    }
  }
}
