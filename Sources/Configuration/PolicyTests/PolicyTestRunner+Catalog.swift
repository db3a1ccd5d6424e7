// SPDX-License-Identifier: MIT

internal import Accounts
public import DecisionIR
public import ModelCatalog
public import Routing

extension PolicyTestRunner {
  /// The catalogue that tests are run on: as declared, with every model served.
  ///
  /// Which models are served depends on the provider keys in the environment. A test of a policy
  /// must not, so a model that no account serves has the scripted provider here.
  public static func catalog(
    of configuration: GatewayConfiguration
  ) throws(CatalogError) -> Catalog {
    // Nothing is ever sent to it from here.
    let nowhere = BaseURL(isTLS: false, host: "127.0.0.1", port: 1, pathPrefix: "")
    return try Catalog(configuration.catalog.servingEveryModel(), scriptedEndpoint: nowhere)
  }

  /// A runner for a program on that catalogue, with healthy, unmeasured models and without keys.
  public init(_ program: Program, catalog: Catalog) throws(RoutingSnapshotError) {
    let keys: KeyTable
    do {
      keys = try KeyTable([])
    } catch {
      preconditionFailure("an empty table has no key twice")
    }
    self.init(
      try RoutingSnapshot(
        catalog: catalog, keys: keys, program: program, registry: HealthRegistry()))
  }
}

extension CatalogDescription {
  /// The same with a deployment for every model; those that have one keep theirs.
  func servingEveryModel() -> CatalogDescription {
    var result = self
    let served = Set(deployments.map(\.model))
    let missing = models.filter { !served.contains($0.name) }
    if missing.isEmpty { return result }
    if !gateways.contains(where: { $0.name == GatewayType.scripted }) {
      result.gateways.append(
        GatewayDescription(name: GatewayType.scripted, baseURL: nil, authentication: .none))
    }
    let room = CatalogLimits.deploymentsMaximum - deployments.count
    result.deployments += missing.prefix(max(room, 0)).map {
      DeploymentDescription(model: $0.name, gateway: GatewayType.scripted)
    }
    return result
  }
}
