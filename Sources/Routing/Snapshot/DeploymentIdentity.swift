// SPDX-License-Identifier: MIT

internal import Bytes
internal import ModelCatalog

/// What makes a deployment the same one after a reload: where it is, whose account, which model.
/// The key itself must not be kept, so its place among the gateway's keys stands for it.
enum DeploymentIdentity {
  static func text(_ row: Deployment, in catalog: Catalog) -> String {
    let model = catalog.model(row.model)
    var place = 0
    for position in model.deployments {
      let other = catalog.deployment(DeploymentIndex(rawValue: UInt16(position)))
      if other.index == row.index { break }
      if other.gateway == row.gateway { place += 1 }
    }
    let endpoint = row.endpoint
    let parts = [
      row.gatewayName.string, row.region.string, endpoint.hostHeader.string,
      endpoint.pathPrefix.string, row.upstreamModel.string, model.name.string, String(place),
    ]
    return parts.joined(separator: "\n")
  }

  /// A number for the deployment that does not change with what stands beside it: with the hash of
  /// its key in the place of the key's place. No log or answer shows it.
  static func affinityHash(_ row: Deployment, in catalog: Catalog) -> UInt64 {
    let endpoint = row.endpoint
    let parts = [
      row.gatewayName, row.region, endpoint.hostHeader, endpoint.pathPrefix, row.upstreamModel,
      catalog.model(row.model).name, row.apiKey,
    ]
    return parts.reduce(0) { AffinityHash.of($1, seed: $0) }
  }
}
