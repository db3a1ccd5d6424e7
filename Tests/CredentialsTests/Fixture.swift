// SPDX-License-Identifier: MIT

import Foundation

enum Fixture {
  static func text(_ name: String) -> String {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let file = folder.appending(path: "Fixtures/Credentials/\(name)")
    guard let data = try? Data(contentsOf: file) else { fatalError("no fixture \(file.path)") }
    return String(decoding: data, as: UTF8.self)
  }
}

extension String {
  var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
