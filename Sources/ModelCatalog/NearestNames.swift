// SPDX-License-Identifier: MIT

/// "Did you mean": the known names nearest to one that is unknown.
public enum NearestNames {
  /// At most `maximum` of `candidates`, nearest first (ties by name), within a third of the
  /// length in single-character edits (insert, delete, replace, swap neighbours), or containing
  /// the wanted name, or contained in it.
  public static func find(
    _ wanted: String, in candidates: some Sequence<String>,
    maximum: Int = CatalogLimits.suggestionsMaximum
  ) -> [String] {
    let wantedBytes = Array(wanted.lowercased().utf8.prefix(CatalogLimits.nameBytesMaximum))
    guard !wantedBytes.isEmpty else { return [] }
    let allowance = max(2, wantedBytes.count / 3)
    var found: [(distance: Int, name: String)] = []
    for candidate in candidates {
      let bytes = Array(candidate.lowercased().utf8.prefix(CatalogLimits.nameBytesMaximum))
      let edits = distance(wantedBytes, bytes)
      if edits <= allowance && edits < max(wantedBytes.count, bytes.count) {
        found.append((edits, candidate))
      } else if wantedBytes.count >= 3, bytes.count >= 3,
        contains(bytes, wantedBytes) || contains(wantedBytes, bytes)
      {
        found.append((allowance + edits, candidate))
      }
    }
    found.sort { ($0.distance, $0.name) < ($1.distance, $1.name) }
    return found.prefix(maximum).map(\.name)
  }

  /// Optimal string alignment distance.
  public static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var beforePrevious = [Int](repeating: 0, count: right.count + 1)
    var previous = Array(0...right.count)
    var current = previous
    for row in left.indices {
      current[0] = row + 1
      for column in right.indices {
        let replaced = previous[column] + (left[row] == right[column] ? 0 : 1)
        var best = min(previous[column + 1] + 1, current[column] + 1, replaced)
        if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
          best = min(best, beforePrevious[column - 1] + 1)
        }
        current[column + 1] = best
      }
      (beforePrevious, previous, current) = (previous, current, beforePrevious)
    }
    return previous[right.count]
  }

  private static func contains(_ haystack: [UInt8], _ needle: [UInt8]) -> Bool {
    guard needle.count <= haystack.count else { return false }
    return (0...(haystack.count - needle.count)).contains { start in
      haystack[start..<start + needle.count].elementsEqual(needle)
    }
  }
}
