// SPDX-License-Identifier: MIT

internal import Bytes
internal import JSON
internal import ModelCatalog
internal import Providers
internal import Routing

/// The parts of messages that depend on the snapshot alone, written once per snapshot instead of
/// once per request. Shared by all workers, immutable.
final class MessageTexts: Sendable {
  private let arena = TextArena()
  private let models: FrozenTable<ByteView>
  private let policies: FrozenTable<ByteView>
  private let starts: FrozenTable<ByteView>
  private let upstreamModels: FrozenTable<ByteView>

  /// The operations that have a start, in the order of the table's columns.
  private static let operations: [OpenAIOperation] = [.chatCompletions, .completions, .embeddings]

  init(_ snapshot: RoutingSnapshot) {
    let arena = arena
    let catalog = snapshot.catalog
    models = FrozenTable(
      (0..<catalog.modelCount).map { position in
        let model = catalog.model(ModelIndex(rawValue: UInt16(position)))
        let provider = catalog.provider(model.provider)
        return arena.intern(
          "x-gateway-model: \(Self.visible(model.name))\r\n"
            + "x-gateway-provider: \(Self.visible(provider.name))\r\n")
      })
    policies = FrozenTable(
      (0..<snapshot.policyCount).map { position in
        arena.intern("x-gateway-policy: \(Self.visible(snapshot.policy(position).id))\r\n")
      })
    starts = FrozenTable(
      (0..<catalog.deploymentCount).flatMap { position in
        let deployment = catalog.deployment(DeploymentIndex(rawValue: UInt16(position)))
        return Self.operations.map { arena.intern(Self.start($0, deployment)) }
      })
    upstreamModels = FrozenTable(
      (0..<catalog.deploymentCount).map { position in
        let deployment = catalog.deployment(DeploymentIndex(rawValue: UInt16(position)))
        return arena.intern(Self.literal(deployment.upstreamModel))
      })
  }

  deinit {
    upstreamModels.deallocate()
    models.deallocate()
    policies.deallocate()
    starts.deallocate()
  }

  /// The fields that name a model and its provider.
  @inline(__always)
  func modelFields(_ model: ModelIndex) -> ByteView { models[Int(model.rawValue)] }

  /// The field that names a policy.
  @inline(__always)
  func policyField(_ policy: Int) -> ByteView { policies[policy] }

  /// The head of a request to a deployment, up to the value of its Content-Length.
  @inline(__always)
  func requestStart(_ deployment: DeploymentIndex, _ operation: OpenAIOperation) -> ByteView {
    let column =
      switch operation {
      case .completions: 1
      case .embeddings: 2
      default: 0
      }
    return starts[Int(deployment.rawValue) &* 3 &+ column]
  }

  /// The model's name at a deployment, as a JSON string in its quotes.
  @inline(__always)
  func upstreamModel(_ deployment: DeploymentIndex) -> ByteView {
    upstreamModels[Int(deployment.rawValue)]
  }

  private static func literal(_ text: ByteView) -> String {
    // No byte becomes more than six.
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 6 * text.count + 2) { memory in
      var writer = ByteWriter(base: memory.baseAddress!, capacity: memory.count)
      JSONWriter.append(string: text, to: &writer)
      return writer.written.string
    }
  }

  /// A name from the configuration or a policy's `@id`, which may hold any text: what is not
  /// visible ASCII must not come into a head.
  private static func visible(_ text: ByteView) -> String {
    var bytes: [UInt8] = []
    for index in 0..<text.count {
      bytes.append(text[index] &- 0x20 < 0x5f ? text[index] : UInt8(ascii: "?"))
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func start(_ operation: OpenAIOperation, _ deployment: Deployment) -> String {
    let endpoint = UpstreamEndpoint(deployment)
    let capacity =
      512 + endpoint.authority.count + endpoint.basePath.count + endpoint.credential.count
      + endpoint.query.count + 3 * endpoint.model.count
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: capacity) { memory in
      var writer = ByteWriter(base: memory.baseAddress!, capacity: capacity)
      OpenAICompatible.appendRequestStart(operation, to: endpoint, writer: &writer)
      precondition(!writer.overflowed, "the parts of unbounded length were counted above")
      return writer.written.string
    }
  }
}
