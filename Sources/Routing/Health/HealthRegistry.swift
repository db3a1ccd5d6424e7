// SPDX-License-Identifier: MIT

internal import ModelCatalog
internal import Synchronization

/// Owns the live state of every deployment and of every limit there has been since the start, by
/// identity, so that a reload keeps what is known of those it keeps.
///
/// SAFETY: blocks are never moved or freed while the registry lives, which is what
/// `HealthReference` and `GateReference` rely on. Making references goes through a mutex and
/// happens at load only.
public final class HealthRegistry: Sendable {
  /// Identities remembered at most, over all reloads.
  public static let deploymentsMaximum = 65_536

  private let references = Mutex<[String: HealthReference]>([:])
  private let gates = Mutex<[String: GateReference]>([:])
  private let workerCount: Int

  /// - Parameter workerCount: how many threads wait for places.
  public init(workerCount: Int = 1) { self.workerCount = workerCount }

  deinit {
    gates.withLock { gates in
      for gate in gates.values {
        unsafe gate.pointer.deinitialize(count: 1)
        unsafe gate.pointer.deallocate()
      }
    }
    references.withLock { references in
      for reference in references.values {
        unsafe reference.pointer.deinitialize(count: 1)
        unsafe reference.pointer.deallocate()
      }
    }
  }

  /// The live state of the deployment with this identity, new and healthy at first sight; nil
  /// when there are more than `deploymentsMaximum`.
  public func reference(for identity: String) -> HealthReference? {
    references.withLock { references in
      if let known = references[identity] { return known }
      guard references.count < Self.deploymentsMaximum else { return nil }
      let pointer = UnsafeMutablePointer<DeploymentHealth>.allocate(capacity: 1)
      unsafe pointer.initialize(to: DeploymentHealth())
      let reference = unsafe HealthReference(pointer: pointer)
      references[identity] = reference
      return reference
    }
  }

  /// The limit with this identity, from now on with these settings; nil when there are more than
  /// `deploymentsMaximum`.
  func gate(for identity: String, _ settings: ConcurrencyLimit) -> GateReference? {
    gates.withLock { gates in
      if let known = gates[identity] {
        unsafe known.pointer.pointee.adopt(settings)
        return known
      }
      guard gates.count < Self.deploymentsMaximum else { return nil }
      let pointer = UnsafeMutablePointer<ConcurrencyGate>.allocate(capacity: 1)
      unsafe pointer.initialize(
        to: ConcurrencyGate(number: gates.count, workerCount: workerCount, settings))
      let gate = unsafe GateReference(pointer: pointer)
      gates[identity] = gate
      return gate
    }
  }
}
