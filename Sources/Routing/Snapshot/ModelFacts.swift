// SPDX-License-Identifier: MIT

internal import Bytes
internal import ModelCatalog

/// What ranking reads of a model, packed: a decision over a hundred models touches half a cache
/// line of each instead of whole catalogue rows.
struct ModelFacts: BitwiseCopyable, Sendable {
  var blendedPrice: Int64
  var contextWindowTokens: Int64
  var capabilities: Capabilities
  var firstDeployment: UInt16
  var deploymentCount: UInt16
  /// What the data plane can ask of some deployment of it.
  var spoken: Capabilities
  /// Why no request can go to it, whatever the policies: `.notServed` or `.unpriced`.
  var obstacle: CandidateOutcome?
  /// Of its name.
  var affinityHash: UInt64

  /// The raw indices of the model's deployments.
  @inline(__always)
  var deployments: Range<Int> {
    Int(firstDeployment)..<Int(firstDeployment) &+ Int(deploymentCount)
  }

  static func table(_ catalog: Catalog) -> FrozenTable<ModelFacts> {
    FrozenTable(
      (0..<catalog.modelCount).map { position in
        let model = catalog.model(ModelIndex(rawValue: UInt16(position)))
        let spoken = model.deployments.reduce(into: Capabilities()) { spoken, position in
          let deployment = catalog.deployment(DeploymentIndex(rawValue: UInt16(position)))
          spoken.formUnion(deployment.wireProtocol.spoken)
        }
        return ModelFacts(
          blendedPrice: model.prices.blended, contextWindowTokens: model.contextWindowTokens,
          capabilities: model.capabilities, firstDeployment: model.firstDeployment,
          deploymentCount: model.deploymentCount, spoken: spoken,
          obstacle: spoken.isEmpty ? .notServed : !model.isPriced ? .unpriced : nil,
          affinityHash: AffinityHash.of(model.name))
      })
  }
}

/// What ranking reads of a deployment.
struct DeploymentFacts: BitwiseCopyable, Sendable {
  var health: HealthReference
  var weight: UInt32
  /// What the data plane can ask of it.
  var spoken: Capabilities
  /// Of what it is, wherever it stands in the configuration.
  var affinityHash: UInt64
}
