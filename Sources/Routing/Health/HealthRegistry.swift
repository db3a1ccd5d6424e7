// SPDX-License-Identifier: MIT

internal import Synchronization

/// Owns the live state of every deployment there has been since the start, by identity, so that a
/// reload keeps what is known of the deployments it keeps.
///
/// SAFETY: blocks are never moved or freed while the registry lives, which is what
/// `HealthReference` relies on. Making references goes through a mutex and happens at load only.
public final class HealthRegistry: Sendable {
  /// Identities remembered at most, over all reloads.
  public static let deploymentsMaximum = 65_536

  private let references = Mutex<[String: HealthReference]>([:])

  public init() {}

  deinit {
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
}
