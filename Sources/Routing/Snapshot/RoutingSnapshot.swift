// SPDX-License-Identifier: MIT

public import Accounts
public import Bytes
public import DecisionIR
public import ModelCatalog

/// Everything that a routing decision reads, in one immutable object: a reload builds another and
/// swaps the pointer. A request uses one snapshot from start to end.
public final class RoutingSnapshot: Sendable {
  public let catalog: Catalog
  public let keys: KeyTable
  public let program: Program
  /// Content hash of what the snapshot was made from.
  public let version: String
  public let circuitSettings: CircuitSettings
  public let registry: HealthRegistry
  /// The principal of requests without a key: `User::""`, in no team.
  public let anonymous: PreparedPrincipal

  let plan: BatchPlan
  let slots: ContextSlots
  private let arena: TextArena
  private let policies: FrozenTable<PolicyRow>
  let models: FrozenTable<ModelFacts>
  let deployments: FrozenTable<DeploymentFacts>
  private let deploymentGates: FrozenTable<DeploymentGates>
  private let accountGates: FrozenTable<GateReference?>
  /// Whether any permit has a `@strategy`.
  let hasStrategies: Bool
  public let affinity: AffinityRow
  private let principals: [PreparedPrincipal]
  private let keyPrincipals: FrozenTable<UInt32>
  private let keyModels: ModelSets

  /// - Throws: what is wrong with the policies' annotations, all of it, or with the entities.
  public init(
    catalog: Catalog, keys: KeyTable, program: Program, registry: HealthRegistry,
    version: String = "", circuitSettings: CircuitSettings = CircuitSettings()
  ) throws(RoutingSnapshotError) {
    let arena = TextArena()
    var reader = ObligationReader(catalog: catalog, arena: arena)
    reader.read(program)
    guard reader.problems.isEmpty else { throw .obligations(reader.problems) }
    let store: EntityStore
    do throws(EntityError) {
      store = try EntityStore(program: program, entities: RoutingEntities.entities(of: catalog))
    } catch {
      throw .entities(error)
    }
    let models = (0..<catalog.modelCount).map { position in
      RoutingEntities.model(catalog.model(ModelIndex(rawValue: UInt16(position))).name.string)
    }
    let plan = BatchPlan(
      store: store, action: RoutingEntities.action, resources: models,
      liveAttributes: RoutingEntities.liveAttributes)
    let facts = try Self.deploymentFacts(catalog, registry)
    let gates = try Self.gates(catalog, registry)
    let prepared = Self.principals(of: keys, plan)

    self.arena = arena
    self.plan = plan
    slots = ContextSlots(program)
    policies = FrozenTable(reader.rows)
    hasStrategies = reader.rows.contains { $0.obligations.strategy != nil }
    self.models = ModelFacts.table(catalog)
    deployments = FrozenTable(facts)
    deploymentGates = FrozenTable(gates.deployments)
    accountGates = FrozenTable(gates.accounts)
    principals = prepared.principals
    keyPrincipals = FrozenTable(prepared.places)
    keyModels = ModelSets(keys: keys, catalog: catalog)
    anonymous = PreparedPrincipal(plan: plan, name: RoutingEntities.user(""))
    affinity = catalog.affinity
    self.catalog = catalog
    self.keys = keys
    self.program = program
    self.registry = registry
    self.version = version
    self.circuitSettings = circuitSettings
  }

  deinit {
    policies.deallocate()
    models.deallocate()
    deployments.deallocate()
    deploymentGates.deallocate()
    accountGates.deallocate()
    keyPrincipals.deallocate()
    keyModels.deallocate()
  }

  /// The live state of a deployment.
  public func health(of deployment: DeploymentIndex) -> HealthReference {
    deployments[Int(deployment.rawValue)].health
  }

  /// The limits that a deployment is under.
  public func gates(of deployment: DeploymentIndex) -> DeploymentGates {
    deploymentGates[Int(deployment.rawValue)]
  }

  /// The limit of all deployments of a gateway together; nil where there is none. It is there
  /// before they are: a list of models may bring them in later.
  public func gate(of gateway: GatewayIndex) -> GateReference? {
    accountGates[Int(gateway.rawValue)]
  }

  public var policyCount: Int { policies.count }

  /// Policy `index`, as verdicts and plans name it.
  public func policy(_ index: Int) -> PolicyRow { policies[index] }

  /// The principal of a key.
  public func principal(of key: KeyIndex) -> PreparedPrincipal {
    principals[Int(keyPrincipals[Int(key.rawValue)])]
  }

  /// A principal that no key stands for: the policy router's `user_id` and `team_id`. Allocates.
  public func principal(user: String, team: String) -> PreparedPrincipal {
    PreparedPrincipal(
      plan: plan, name: RoutingEntities.user(user),
      parents: team.isEmpty ? [] : [RoutingEntities.team(team)])
  }

  /// Whether a key may ask for a model at all.
  @inline(__always)
  public func mayUse(_ model: ModelIndex, key: KeyIndex) -> Bool {
    keyModels.contains(model, of: key)
  }

  /// Whether a key may ask for a name that no model has. Allocates.
  public func mayUse(name: ByteView, key: KeyIndex) -> Bool {
    let allowed = keys.allowedModels(of: key)
    return allowed.isEmpty
      || allowed.contains { $0.withByteView { Glob.matches(pattern: $0, name: name) } }
  }

  private static func deploymentFacts(
    _ catalog: Catalog, _ registry: HealthRegistry
  ) throws(RoutingSnapshotError) -> [DeploymentFacts] {
    var facts: [DeploymentFacts] = []
    for position in 0..<catalog.deploymentCount {
      let row = catalog.deployment(DeploymentIndex(rawValue: UInt16(position)))
      let identity = DeploymentIdentity.text(row, in: catalog)
      guard let reference = registry.reference(for: identity) else { throw .tooManyDeployments }
      facts.append(
        DeploymentFacts(
          health: reference, weight: row.weight, spoken: row.wireProtocol.spoken,
          affinityHash: DeploymentIdentity.affinityHash(row, in: catalog)))
    }
    return facts
  }

  private static func gates(
    _ catalog: Catalog, _ registry: HealthRegistry
  ) throws(RoutingSnapshotError) -> (accounts: [GateReference?], deployments: [DeploymentGates]) {
    func gate(
      _ identity: String, _ limit: ConcurrencyLimit?
    ) throws(RoutingSnapshotError) -> GateReference? {
      guard let limit else { return nil }
      guard let gate = registry.gate(for: identity, limit) else { throw .tooManyDeployments }
      return gate
    }
    var accounts: [GateReference?] = []
    for position in 0..<catalog.gatewayCount {
      let gateway = catalog.gateway(GatewayIndex(rawValue: UInt16(position)))
      accounts.append(try gate("gateway\n" + gateway.name.string, gateway.concurrency))
    }
    var deployments: [DeploymentGates] = []
    for position in 0..<catalog.deploymentCount {
      let row = catalog.deployment(DeploymentIndex(rawValue: UInt16(position)))
      let own = catalog.gateway(row.gateway).deploymentConcurrency
      deployments.append(
        DeploymentGates(
          own: own == nil
            ? nil : try gate("deployment\n" + DeploymentIdentity.text(row, in: catalog), own),
          account: accounts[Int(row.gateway.rawValue)]))
    }
    return (accounts, deployments)
  }

  private static func principals(
    of keys: KeyTable, _ plan: BatchPlan
  ) -> (principals: [PreparedPrincipal], places: [UInt32]) {
    var principals: [PreparedPrincipal] = []
    var places: [UInt32] = []
    var known: [[String]: UInt32] = [:]
    for position in 0..<keys.count {
      let record = keys.record(KeyIndex(rawValue: UInt32(position)))
      let identity = [record.user.string, record.team.string]
      if let place = known[identity] {
        places.append(place)
        continue
      }
      let place = UInt32(principals.count)
      known[identity] = place
      places.append(place)
      principals.append(
        PreparedPrincipal(
          plan: plan, name: RoutingEntities.user(identity[0]),
          parents: identity[1].isEmpty ? [] : [RoutingEntities.team(identity[1])]))
    }
    return (principals, places)
  }
}

/// Why a snapshot cannot be made; the running one stays.
public enum RoutingSnapshotError: Error, Sendable {
  case obligations([ObligationProblem])
  case entities(EntityError)
  case tooManyDeployments
}
