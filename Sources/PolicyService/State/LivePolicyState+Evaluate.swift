// SPDX-License-Identifier: MIT

internal import Bytes
internal import Clocks
internal import ControlPlane
internal import DecisionIR
internal import ModelCatalog
internal import PolicyCompiler
internal import Routing

extension LivePolicyState {
  public func evaluate(_ query: EvaluateQuery) throws(FieldProblems) -> EvaluateAnswer {
    let snapshot = host.current()
    let store: EntityStore
    do throws(EntityError) {
      store = try EntityStore(
        program: snapshot.program, entities: entities(for: query, snapshot))
    } catch {
      throw FieldProblems([FieldProblem(path: "entities", message: error.description)])
    }
    let evaluator = Evaluator(store: store)
    let request = query.request.encoded(for: store)
    let start = host.monotonicClock.now()
    let response = evaluator.authorize(request)
    let microseconds = Double((host.monotonicClock.now() - start).nanoseconds) / 1_000
    return EvaluateAnswer(
      isAllowed: response.decision == .allow,
      reasons: response.reasons.map { snapshot.program.id(of: $0) },
      errors: response.errors.map {
        PolicyError(policy: snapshot.program.id(of: $0.policy), message: $0.message)
      },
      policyVersion: snapshot.version, evaluationMicroseconds: microseconds)
  }

  /// The gateway's entities with the live state of the model asked about, and the caller's, which
  /// replace those of the same name.
  private func entities(
    for query: EvaluateQuery, _ snapshot: RoutingSnapshot
  ) -> [EntityData] {
    let given = Set(query.entities.map(\.name))
    var known = RoutingEntities.entities(of: snapshot.catalog).filter { !given.contains($0.name) }
    if let place = known.firstIndex(where: { $0.name == query.request.resource }),
      query.request.resource.type == RoutingEntities.model("").type
    {
      let name = query.request.resource.id.string
      if let index = name.withByteView({ snapshot.catalog.model(named: $0) }) {
        let now = host.monotonicClock.now().nanoseconds / 1_000_000
        let model = snapshot.catalog.model(index)
        let health = ModelHealth(model, snapshot, nowMilliseconds: now)
        for (name, value) in Self.live(health, snapshot) {
          known[place].attributes[Text(name)] = value
        }
      }
    }
    return known + query.entities
  }

  private static func live(
    _ health: ModelHealth, _ snapshot: RoutingSnapshot
  ) -> [(String, Datum)] {
    let rate = health.window.errorRateCedarDecimal(snapshot.circuitSettings)
    return [
      (RoutingEntities.averageLatency, .long(health.averageLatencyMilliseconds)),
      (RoutingEntities.percentile95Latency, .long(health.percentile95LatencyMilliseconds)),
      (RoutingEntities.errorRate, .decimal(rate)),
      (RoutingEntities.inFlight, .long(health.inFlight)),
      (RoutingEntities.circuit, .text(health.circuit.name)),
    ]
  }
}
