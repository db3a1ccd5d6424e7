// SPDX-License-Identifier: MIT

/// A program made ready for one action over a fixed list of resources. Immutable, shared by
/// threads.
///
/// The conditions of every policy are split by what they look at. Those on the resource alone are
/// judged here (static attributes) or when a `ResourceTable` is refreshed (live ones) and kept as
/// bits over the resources; those on the principal alone when a principal is prepared; those
/// without the resource once per request; the rest per candidate. A policy holds when all its
/// conditions do, and a condition that fails does not hold, so the order in which they are judged
/// does not matter.
public final class BatchPlan: Sendable {
  public let program: Program
  public let store: EntityStore
  /// The resources; a candidate is an index into this list.
  public let resources: [EntityName]
  let action: EntityView
  let layout: BatchLayout
  let policies: Storage<PlanPolicy>
  /// The first condition without the resource of each plan policy, or `ImageFormat.absent`.
  let leads: Storage<UInt32>
  /// Conditions of all plan policies, by run.
  let conjuncts: Storage<UInt32>
  /// Conditions on live attributes of the resource alone.
  let liveConjuncts: [UInt32]
  /// Place of a condition in `liveConjuncts`, by condition.
  let livePlaces: Storage<UInt32>
  /// Scope and static conditions of each plan policy, `words` words each.
  let staticBits: Storage<UInt64>
  /// Policies that a request's context finds; nil when none are worth a look-up.
  let contextLeads: BatchLeads?
  /// 64-bit words per set of resources.
  let words: Int

  /// The usual number of policies for which a look-up by an attribute's value is made: passing one
  /// over costs a memory access, so fewer are not worth it.
  public static let ledMin = 16
  /// Most resources of a plan.
  public static let resourcesMax = 65_535

  /// - Parameters:
  ///   - resources: at most `resourcesMax`. They belong in the store: one that does not stand there
  ///     exists without attributes and equals no entity that a context names.
  ///   - liveAttributes: names of the attributes that tables set between decisions.
  ///   - ledMin: policies that must begin with the same attribute of the context to be found by its
  ///     value.
  public init(
    store: EntityStore, action: EntityName, resources: [EntityName], liveAttributes: [String],
    ledMin: Int = BatchPlan.ledMin
  ) {
    precondition(resources.count <= BatchPlan.resourcesMax)
    self.store = store
    program = store.program
    self.resources = resources
    self.action =
      store.view(of: action)
      ?? .unknown(id: EntityView.localBase + 1, type: store.type(action.type))
    layout = BatchLayout(store: store, resources: resources, liveAttributes: liveAttributes)
    words = (resources.count + 63) / 64
    var builder = BatchPlanBuilder(store, self.action, layout, words)
    builder.build()
    policies = Storage(builder.policies)
    leads = Storage(
      builder.policies.map {
        $0.candidate > $0.request ? builder.conjuncts[Int($0.request)] : ImageFormat.absent
      })
    conjuncts = Storage(builder.conjuncts)
    liveConjuncts = builder.liveConjuncts
    livePlaces = Storage(builder.livePlaces)
    staticBits = Storage(builder.staticBits)
    contextLeads = BatchLeads(program, builder.policies, builder.conjuncts, ledMin: ledMin)
  }

  /// Attributes of the context by whose value policies are found (with and without a `has` before
  /// the comparison counted apart).
  public var contextLeadGroups: Int { contextLeads?.groupCount ?? 0 }

  /// The column of a live attribute, or nil when no policy reads it.
  public func liveAttribute(_ name: String) -> LiveAttribute? {
    guard let number = program.names.attributeNumbers[Text(name)],
      layout.liveNumbers.contains(number)
    else { return nil }
    return LiveAttribute(
      number: number, column: Int(layout.columns.cells[Int(number)]) - 1)
  }
}

/// A live attribute of the resources of a plan, resolved once.
public struct LiveAttribute: Sendable, Hashable {
  let number: UInt32
  let column: Int
}

/// A policy of a plan.
struct PlanPolicy: BitwiseCopyable, Sendable {
  var number: UInt32
  var isForbid: Bool
  /// Starts of the runs of conditions: live, principal, request, candidate; the end.
  var live: UInt32
  var principal: UInt32
  var request: UInt32
  var candidate: UInt32
  var end: UInt32
  var priority: Int64
}
