// SPDX-License-Identifier: MIT

import Foundation

/// One broken rule at one place.
struct Finding: Codable, Equatable {
  let path: String
  /// From 1; 0 where the finding is about the whole file.
  let line: Int
  let rule: String
  let message: String

  /// `file:line: rule: message`, which editors can jump to.
  var text: String {
    line > 0 ? "\(path):\(line): \(rule): \(message)" : "\(path): \(rule): \(message)"
  }

  static func json(_ findings: [Finding]) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(findings), as: UTF8.self)
  }
}
