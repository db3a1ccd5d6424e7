// SPDX-License-Identifier: MIT

import ModelCatalog

/// The limits of concurrency of a run, by server: of its account, and of each of its deployments.
struct LimitsPlan: CustomStringConvertible {
  private(set) var accounts: [Int: ConcurrencyLimit] = [:]
  private(set) var deployments: [Int: ConcurrencyLimit] = [:]

  var isEmpty: Bool { accounts.isEmpty && deployments.isEmpty }

  func account(of server: Int) -> ConcurrencyLimit? { accounts[server] }
  func deployment(of server: Int) -> ConcurrencyLimit? { deployments[server] }

  /// All that a request for a deployment of `server` has to pass.
  func limits(of server: Int) -> [ConcurrencyLimit] {
    [deployments[server], accounts[server]].compactMap { $0 }
  }

  mutating func limitAccount(of server: Int, _ limit: ConcurrencyLimit) {
    accounts[server] = limit
  }

  mutating func limitDeployments(of server: Int, _ limit: ConcurrencyLimit) {
    deployments[server] = limit
  }

  /// Puts the limits into the catalogue, whose gateways are the servers.
  func apply(to catalog: inout CatalogDescription) {
    for index in catalog.gateways.indices {
      guard let server = Int(catalog.gateways[index].name.dropFirst()) else { continue }
      catalog.gateways[index].concurrency = accounts[server]
      catalog.gateways[index].deploymentConcurrency = deployments[server]
    }
  }

  var description: String {
    func list(_ limits: [Int: ConcurrencyLimit]) -> [String] {
      limits.sorted { $0.key < $1.key }.map { server, limit in
        "s\(server): \(limit.maximum) at a time, \(limit.queueMaximum) wait "
          + "\(limit.queueTimeoutMilliseconds) ms"
      }
    }
    let lines =
      list(accounts).map { "account " + $0 } + list(deployments).map { "deployments " + $0 }
    return lines.joined(separator: "; ")
  }
}
