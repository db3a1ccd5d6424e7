// SPDX-License-Identifier: MIT

/// Findings that were there before their rule, counted per rule and file in `.ci/tidy-ratchet`.
/// The counts may only fall: one finding more fails, and so does a count that is too high.
///
/// Lines: `RULE PATH COUNT`; `#` begins a comment. Without the file nothing is allowed.
struct Ratchet {
  static let path = ".ci/tidy-ratchet"

  private struct Entry {
    let line: Int
    let rule: String
    let path: String
    let count: Int
  }

  private var entries: [Entry] = []
  private var findings: [Finding] = []

  init(_ text: String) {
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false)
      .enumerated()
    {
      let fields = line.prefix { $0 != "#" }.split(separator: " ")
      if fields.isEmpty { continue }
      guard fields.count == 3, let count = Int(fields[2]), count > 0 else {
        findings.append(
          Finding(
            path: Ratchet.path, line: index + 1, rule: "ratchet",
            message: "expected `RULE PATH COUNT`"))
        continue
      }
      entries.append(
        Entry(
          line: index + 1, rule: String(fields[0]), path: String(fields[1]), count: count))
    }
  }

  /// What is left after the allowed findings are taken out.
  func filter(_ all: [Finding]) -> [Finding] {
    var kept = all
    var stale = findings
    for entry in entries {
      let matching = all.filter { $0.rule == entry.rule && $0.path == entry.path }
      if matching.count <= entry.count {
        kept.removeAll { $0.rule == entry.rule && $0.path == entry.path }
      }
      if matching.count < entry.count {
        stale.append(
          Finding(
            path: Ratchet.path, line: entry.line, rule: "ratchet",
            message: "\(entry.path) has \(matching.count) \(entry.rule) findings now; "
              + "lower the count from \(entry.count)"))
      }
    }
    return kept + stale
  }
}
