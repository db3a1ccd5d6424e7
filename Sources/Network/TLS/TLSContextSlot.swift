// SPDX-License-Identifier: MIT

import Synchronization

/// Where a listener's current context lives, so that certificates change without a restart.
///
/// The lock is held for a pointer copy, once per accepted connection.
public final class TLSContextSlot: Sendable {
  private let context: Mutex<TLSContext>

  public init(_ context: TLSContext) { self.context = Mutex(context) }

  public var current: TLSContext { context.withLock { $0 } }

  /// Loads the certificates again and shows them to new connections; those open keep theirs.
  ///
  /// - Throws: what `TLSContext.init(server:replacing:)` throws; the old context then stays.
  public func reload(_ configuration: TLSServerConfiguration) throws(TLSError) {
    let fresh = try TLSContext(server: configuration, replacing: current)
    context.withLock { $0 = fresh }
  }
}
