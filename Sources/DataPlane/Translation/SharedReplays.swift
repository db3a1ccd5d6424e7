// SPDX-License-Identifier: MIT

internal import Synchronization
internal import Translation

/// The replay store that all workers share, since a client's next request may come to any of them.
/// Only calls between different APIs touch it, so its lock is not on the path of others.
final class SharedReplays: Sendable {
  private let store = Mutex(ReplayStore())

  func keep(_ replay: ReplayCollector, of owner: String, tenant: UInt64, nowMilliseconds: Int64) {
    guard let (id, record) = replay.record(of: owner) else { return }
    store.withLock {
      $0.keep(record, tenant: tenant, id: id, nowMilliseconds: nowMilliseconds)
    }
  }

  /// Puts back into `request` what its client has dropped.
  func restore(
    _ request: inout ChatRequest, for owner: String, tenant: UInt64, nowMilliseconds: Int64
  ) {
    guard request.hasToolCalls else { return }
    request.restore(for: owner) { id in
      store.withLock { $0.record(tenant: tenant, id: id, nowMilliseconds: nowMilliseconds) }
    }
  }
}
