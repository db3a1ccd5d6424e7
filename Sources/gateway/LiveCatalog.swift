// SPDX-License-Identifier: MIT

import ModelCatalog
import Synchronization

/// The catalogue that the next snapshot is made of.
final class LiveCatalog: Sendable {
  private let catalog: Mutex<Catalog>

  init(_ catalog: Catalog) { self.catalog = Mutex(catalog) }

  var current: Catalog {
    get { catalog.withLock { $0 } }
    set { catalog.withLock { $0 = newValue } }
  }
}
