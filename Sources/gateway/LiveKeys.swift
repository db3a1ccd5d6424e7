// SPDX-License-Identifier: MIT

import Accounts
import Synchronization

/// The callers' keys that the next snapshot is made of.
final class LiveKeys: Sendable {
  private let keys: Mutex<KeyTable>

  init(_ keys: KeyTable) { self.keys = Mutex(keys) }

  var current: KeyTable {
    get { keys.withLock { $0 } }
    set { keys.withLock { $0 = newValue } }
  }
}
