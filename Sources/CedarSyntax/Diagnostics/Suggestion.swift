// SPDX-License-Identifier: MIT

/// "did you mean": the nearest of the known words.
public enum Suggestion {
  /// Words longer than this are not compared.
  static let lengthMax = 64

  /// The candidate nearest to `word`, or nil when none is near: at most a third of its letters
  /// may differ, at least one. Case is ignored first; ties go to the earlier candidate.
  public static func nearest(_ word: String, _ candidates: some Sequence<String>) -> String? {
    let wanted = Array(word.lowercased().utf8)
    guard !wanted.isEmpty, wanted.count <= lengthMax else { return nil }
    var best: String?
    var bestDistance = max(1, wanted.count / 3) + 1
    for candidate in candidates where candidate != word {
      let letters = Array(candidate.lowercased().utf8)
      guard abs(letters.count - wanted.count) < bestDistance, letters.count <= lengthMax else {
        continue
      }
      let distance = distance(wanted, letters)
      if distance < bestDistance {
        bestDistance = distance
        best = candidate
      }
    }
    return best
  }

  /// "did you mean `x`?" for the nearest candidate.
  public static func help(_ word: String, _ candidates: some Sequence<String>) -> String? {
    nearest(word, candidates).map { "did you mean `\($0)`?" }
  }

  /// Edits (insert, delete, replace, swap of neighbours) between two words.
  static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var beforePrevious = [Int](repeating: 0, count: right.count + 1)
    var previous = Array(0...right.count)
    for (row, letter) in left.enumerated() {
      var current = [Int](repeating: row + 1, count: right.count + 1)
      for (column, other) in right.enumerated() {
        var cost = min(previous[column + 1], current[column]) + 1
        cost = min(cost, previous[column] + (letter == other ? 0 : 1))
        if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other {
          cost = min(cost, beforePrevious[column - 1] + 1)
        }
        current[column + 1] = cost
      }
      beforePrevious = previous
      previous = current
    }
    return previous[right.count]
  }
}
