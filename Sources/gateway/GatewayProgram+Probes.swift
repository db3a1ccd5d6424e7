// SPDX-License-Identifier: MIT

import Bytes
import Clocks
import Configuration
import CredentialService
import Credentials
import EventLoop
import ModelCatalog
import Routing
import Telemetry
import UpstreamService

/// A gateway with one of its keys, and the deployments behind both.
struct CatalogAccount {
  var gateway: GatewayDescription
  var baseURL: BaseURL
  var label: String
  var apiKey: String
  var deployments: [Deployment]

  /// As upstreams are asked through it.
  func upstream(_ credentials: CredentialService?) -> UpstreamAccount {
    var account = UpstreamAccount(
      gateway: gateway.name, label: label, wireProtocol: gateway.wireProtocol, baseURL: baseURL,
      style: gateway.authentication, apiKey: Secret(apiKey))
    account.credential = credentials?.slots.first { $0.gateway == gateway.name }
    account.apiVersion = gateway.apiVersion
    if case .aws(let settings)? = gateway.credentialSource {
      account.signingRegion = settings.region
    }
    return account
  }
}

extension GatewayProgram {
  /// Every gateway with each of its keys, in the order of the configuration.
  func accounts(_ catalog: Catalog) -> [CatalogAccount] {
    var accounts: [CatalogAccount] = []
    var labels = Set(configuration.catalog.gateways.map(\.name))
    func label(_ gateway: GatewayDescription, _ place: Int) -> String {
      if place == 0 { return gateway.name }
      var label = "\(gateway.name)#\(place + 1)"
      // Another gateway may be called so.
      while !labels.insert(label).inserted { label += "'" }
      return label
    }
    var rows = [[Deployment]](repeating: [], count: catalog.gatewayCount)
    for position in 0..<catalog.deploymentCount {
      let row = catalog.deployment(DeploymentIndex(rawValue: UInt16(position)))
      rows[Int(row.gateway.rawValue)].append(row)
    }
    for (index, gateway) in configuration.catalog.gateways.enumerated() {
      guard let baseURL = gateway.baseURL else { continue }
      let first = accounts.count
      func account(_ key: String) -> Int {
        if let known = accounts[first...].firstIndex(where: { $0.apiKey == key }) { return known }
        accounts.append(
          CatalogAccount(
            gateway: gateway, baseURL: baseURL, label: label(gateway, accounts.count - first),
            apiKey: key, deployments: []))
        return accounts.count - 1
      }
      // Its keys are known before its models are.
      let discovery = configuration.catalog.discoveries.first { $0.gateway == gateway.name }
      for deployment in discovery?.deployments ?? [] { _ = account(deployment.apiKey) }
      for row in rows[index] { accounts[account(row.apiKey.string)].deployments.append(row) }
    }
    return accounts
  }

  /// Those that are probed.
  func probedAccounts(_ catalog: Catalog) -> [CatalogAccount] {
    accounts(catalog).filter { $0.gateway.healthCheck != nil }
  }

  /// Nil where nothing is probed.
  func makeProber(
    _ client: UpstreamClient, _ snapshot: RoutingSnapshot, _ credentials: CredentialService?,
    _ metrics: MetricSet
  ) -> HealthProber? {
    let accounts = probedAccounts(snapshot.catalog)
    guard !accounts.isEmpty else { return nil }
    let targets = probeTargets(snapshot, credentials)
    for index in targets.indices { metrics.control.probeState(index, 1) }
    let labels = accounts.map(\.label)
    return HealthProber(
      targets, with: client, registry: registry, settings: configuration.circuit
    ) { [logger] report in
      switch report {
      case .probed(let index, let result, let duration):
        metrics.control.probed(index, result.metricLabel, in: Interval(nanoseconds: duration))
      case .changed(let index, let verdict, let reason):
        metrics.control.probeState(index, verdict == .unhealthy ? 2 : 0)
        if verdict == .unhealthy {
          logger.warning(
            "upstream is unhealthy: nothing is sent there",
            ["gateway": .string(labels[index]), "reason": .string(reason)])
        } else {
          logger.info("upstream is healthy", ["gateway": .string(labels[index])])
        }
      }
    }
  }

  /// What is probed, and the circuits that it opens and closes in this snapshot.
  func probeTargets(
    _ snapshot: RoutingSnapshot, _ credentials: CredentialService?
  ) -> [ProbeTarget] {
    probedAccounts(snapshot.catalog).map { target($0, snapshot, credentials) }
  }

  private func target(
    _ account: CatalogAccount, _ snapshot: RoutingSnapshot, _ credentials: CredentialService?
  ) -> ProbeTarget {
    let catalog = snapshot.catalog
    var settings = account.gateway.healthCheck ?? HealthCheckSettings()
    var chatModel = settings.model
    if let name = settings.model,
      let known = account.deployments.first(where: {
        catalog.model($0.model).name.string == name
      })
    {
      chatModel = known.upstreamModel.string
    }
    // What an unknown price is multiplied by is no small sum, and a pattern is nothing to ask for.
    let chats = account.deployments.filter { row in
      let model = catalog.model(row.model)
      return model.capabilities.contains(.chat) && model.isPriced && !row.isOpen
    }
    if chatModel == nil {
      chatModel =
        chats.min {
          catalog.model($0.model).prices.blended < catalog.model($1.model).prices.blended
        }?.upstreamModel.string
    }
    // Where there is nothing to chat with, the list has to do.
    if chatModel == nil { settings.kind = .models }
    return ProbeTarget(
      account: account.upstream(credentials), settings: settings,
      deployments: account.deployments.map { row in
        ProbeTarget.Deployment(
          health: snapshot.health(of: row.index), upstreamModel: row.upstreamModel.string,
          isChat: catalog.model(row.model).capabilities.contains(.chat) && !row.isOpen)
      },
      chatModel: chatModel ?? "")
  }
}

extension ProbeResult {
  fileprivate var metricLabel: ProbeResultLabel {
    switch self {
    case .success: .success
    case .failure: .failure
    case .inconclusive: .inconclusive
    }
  }
}
