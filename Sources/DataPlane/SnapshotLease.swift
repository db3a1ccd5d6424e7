// SPDX-License-Identifier: MIT

internal import EventLoop
internal import ModelCatalog
internal import Network
public import Routing
internal import Synchronization

/// The newest routing snapshot, handed to workers by a version number they compare once a request.
public final class SnapshotPublisher: Sendable {
  private let version = Atomic<UInt64>(1)
  private let current: Mutex<Published>

  /// A snapshot with what the data plane makes of it once.
  struct Published {
    let snapshot: RoutingSnapshot
    let texts: MessageTexts

    init(_ snapshot: RoutingSnapshot) {
      self.snapshot = snapshot
      texts = MessageTexts(snapshot)
    }
  }

  public init(_ snapshot: RoutingSnapshot) { current = Mutex(Published(snapshot)) }

  /// Makes `snapshot` the one that requests from now on see. Requests in flight keep theirs.
  public func publish(_ snapshot: RoutingSnapshot) {
    let published = Published(snapshot)
    current.withLock { $0 = published }
    version.wrappingAdd(1, ordering: .releasing)
  }

  public var snapshot: RoutingSnapshot { current.withLock { $0.snapshot } }

  var published: Published { current.withLock { $0 } }

  @inline(__always)
  var newestVersion: UInt64 { version.load(ordering: .acquiring) }
}

/// One deployment as this worker reaches it.
struct DeploymentRuntime {
  let deployment: Deployment
  let endpoint: UnsafeMutablePointer<EndpointPool>
  /// Nil where the credential is a key of the configuration, or none.
  let credential: UnsafeMutablePointer<WorkerCredential>?
  let health: HealthReference
  let gates: DeploymentGates
  /// Where its model is counted in the metrics.
  let modelMetricRow: Int
}

/// A snapshot in use by one worker, with a count of the exchanges that hold it. The count is the
/// worker's own, so holding a snapshot costs an addition and no atomic.
struct SnapshotLease {
  let snapshot: RoutingSnapshot
  let texts: MessageTexts
  let router: Router
  /// The snapshot's, and `router`, which the lease keeps: for a request to use without counting
  /// references.
  let catalog: Unmanaged<Catalog>
  let uncountedRouter: Unmanaged<Router>
  let version: UInt64
  let deployments: UnsafeMutablePointer<DeploymentRuntime>
  let deploymentCount: Int
  let affinity: AffinityRow
  var holders = 0
}

extension Worker {
  /// The newest snapshot, held for one exchange.
  @inline(__always)
  func holdSnapshot() -> UnsafeMutablePointer<SnapshotLease> {
    if snapshots.newestVersion != lease.pointee.version { adoptSnapshot() }
    lease.pointee.holders += 1
    return lease
  }

  func release(_ held: UnsafeMutablePointer<SnapshotLease>) {
    held.pointee.holders -= 1
    if held.pointee.holders == 0 && held != lease { free(held) }
  }

  private func adoptSnapshot() {
    let old = lease!
    lease = Self.makeLease(snapshots, on: self)
    keep(lease)
    // Its deployments have other places: what was told of would be told of others.
    if old.pointee.snapshot.catalog !== lease.pointee.snapshot.catalog {
      upstreamReports = UpstreamReports()
    }
    if old.pointee.holders == 0 { free(old) }
  }

  /// Snapshots that decision records may still speak of, the newest last.
  func keep(_ lease: UnsafeMutablePointer<SnapshotLease>) {
    keptSnapshots.append((lease.pointee.version, lease.pointee.snapshot))
    if keptSnapshots.count > Self.keptSnapshotsMaximum { keptSnapshots.removeFirst() }
  }

  func snapshot(version: UInt64) -> RoutingSnapshot? {
    keptSnapshots.first { $0.version == version }?.snapshot
  }

  func free(_ lease: UnsafeMutablePointer<SnapshotLease>) {
    lease.pointee.deployments.deinitialize(count: lease.pointee.deploymentCount)
    lease.pointee.deployments.deallocate()
    lease.deinitialize(count: 1)
    lease.deallocate()
  }

  static func makeLease(
    _ snapshots: SnapshotPublisher, on worker: Worker
  ) -> UnsafeMutablePointer<SnapshotLease> {
    // The version first: a snapshot published in between is then adopted once more, not missed.
    let version = snapshots.newestVersion
    let published = snapshots.published
    let snapshot = published.snapshot
    let count = snapshot.catalog.deploymentCount
    let deployments = UnsafeMutablePointer<DeploymentRuntime>.allocate(capacity: max(count, 1))
    for index in 0..<count {
      let deployment = snapshot.catalog.deployment(DeploymentIndex(rawValue: UInt16(index)))
      let endpoint = deployment.endpoint
      (deployments + index).initialize(
        to: DeploymentRuntime(
          deployment: deployment,
          endpoint: worker.endpoint(
            host: endpoint.host, port: endpoint.port, isTLS: endpoint.isTLS,
            http2: endpoint.http2),
          credential: worker.credential(of: deployment.gatewayName),
          health: snapshot.health(of: deployment.index),
          gates: snapshot.gates(of: deployment.index),
          modelMetricRow: Int(snapshot.catalog.model(deployment.model).metricRow)))
    }
    let router = Router(snapshot, remembersDecisions: true)
    let lease = UnsafeMutablePointer<SnapshotLease>.allocate(capacity: 1)
    lease.initialize(
      to: SnapshotLease(
        snapshot: snapshot, texts: published.texts,
        router: router, catalog: .passUnretained(snapshot.catalog),
        uncountedRouter: .passUnretained(router), version: version,
        deployments: deployments, deploymentCount: count, affinity: snapshot.affinity))
    return lease
  }
}
