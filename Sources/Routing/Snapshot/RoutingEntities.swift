// SPDX-License-Identifier: MIT

internal import Bytes
public import DecisionIR
public import ModelCatalog

/// The entities that routing policies see, and the names of their attributes (policy.md 4.2,
/// `policies/gateway.cedarschema`).
public enum RoutingEntities {
  public static let action = EntityName(type: "Action", id: "routing:select_model")

  public static let averageLatency = "average_latency_ms"
  public static let percentile95Latency = "p95_latency_ms"
  public static let errorRate = "current_error_rate"
  public static let inFlight = "in_flight"
  public static let circuit = "circuit"
  /// Attributes of a model that change while the gateway runs.
  public static let liveAttributes = [
    averageLatency, percentile95Latency, errorRate, inFlight, circuit,
  ]

  public static func model(_ name: String) -> EntityName { EntityName(type: "Model", id: name) }
  public static func group(_ name: String) -> EntityName {
    EntityName(type: "ModelGroup", id: name)
  }
  public static func provider(_ name: String) -> EntityName {
    EntityName(type: "Provider", id: name)
  }
  public static func user(_ name: String) -> EntityName { EntityName(type: "User", id: name) }
  public static func team(_ name: String) -> EntityName { EntityName(type: "Team", id: name) }

  /// Models, groups and providers of a catalogue. The live attributes hold what is true of a
  /// model that was never called.
  public static func entities(of catalog: Catalog) -> [EntityData] {
    var result: [EntityData] = []
    for position in 0..<catalog.modelCount {
      result.append(entity(of: ModelIndex(rawValue: UInt16(position)), in: catalog))
    }
    for position in 0..<catalog.groupCount {
      let row = catalog.group(GroupIndex(rawValue: UInt16(position)))
      if !row.isAlias { result.append(EntityData(group(row.name.string))) }
    }
    for position in 0..<catalog.providerCount {
      let row = catalog.provider(ProviderIndex(rawValue: UInt16(position)))
      result.append(EntityData(provider(row.name.string)))
    }
    return result
  }

  private static func entity(of index: ModelIndex, in catalog: Catalog) -> EntityData {
    let row = catalog.model(index)
    let providerName = catalog.provider(row.provider).name.string
    var region = ""
    if let first = row.deployments.first {
      region = catalog.deployment(DeploymentIndex(rawValue: UInt16(first))).region.string
    }
    let attributes: [Text: Datum] = [
      "name": .text(row.name.string),
      "provider": .text(providerName),
      "family": .text(row.family.string),
      "region": .text(region),
      "is_local": .bool(row.isLocal),
      "context_window": .long(row.contextWindowTokens),
      "max_output_tokens": .long(row.maximumOutputTokens),
      "capabilities": .texts(row.capabilities.names),
      "input_cost_per_mtok": .decimal(row.prices.input.cedarDecimal),
      "output_cost_per_mtok": .decimal(row.prices.output.cedarDecimal),
      Text(averageLatency): .long(0),
      Text(percentile95Latency): .long(0),
      Text(errorRate): .decimal(0),
      Text(inFlight): .long(0),
      Text(circuit): .text(CircuitState.closed.name),
    ]
    let groups = catalog.groups(of: index).map { group(catalog.group($0).name.string) }
    return EntityData(
      model(row.name.string), attributes: attributes, parents: groups + [provider(providerName)])
  }
}
