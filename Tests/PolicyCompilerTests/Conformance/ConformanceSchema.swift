// SPDX-License-Identifier: MIT

import CedarSyntax
import DecisionIR

/// What requests need of a schema: its actions with their groups.
enum ConformanceSchema {
  static func actions(_ path: String, besides known: [EntityData]) throws -> [EntityData] {
    []
  }
}
