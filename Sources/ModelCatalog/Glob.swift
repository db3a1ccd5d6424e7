// SPDX-License-Identifier: MIT

public import Bytes

/// Shell-like patterns over names: `*` stands for any run of bytes, everything else for itself.
public enum Glob {
  /// Whether `pattern` has a `*` in it.
  @inlinable
  public static func isPattern(_ pattern: ByteView) -> Bool {
    pattern.firstIndex(of: UInt8(ascii: "*")) != nil
  }

  /// Whether `pattern` stands for `name`. Linear space, at most `pattern × name` steps: the last
  /// `*` is the only point to come back to.
  public static func matches(pattern: ByteView, name: ByteView) -> Bool {
    var patternIndex = 0
    var nameIndex = 0
    var starIndex = -1
    var resumeIndex = 0
    while nameIndex < name.count {
      if patternIndex < pattern.count, pattern[patternIndex] == UInt8(ascii: "*") {
        starIndex = patternIndex
        resumeIndex = nameIndex
        patternIndex += 1
      } else if patternIndex < pattern.count, pattern[patternIndex] == name[nameIndex] {
        patternIndex += 1
        nameIndex += 1
      } else if starIndex >= 0 {
        patternIndex = starIndex + 1
        resumeIndex += 1
        nameIndex = resumeIndex
      } else {
        return false
      }
    }
    while patternIndex < pattern.count, pattern[patternIndex] == UInt8(ascii: "*") {
      patternIndex += 1
    }
    return patternIndex == pattern.count
  }

  /// The places of patterns in the order in which they are tried: the one with the most characters
  /// that stand for themselves first, a name before a pattern, then as given.
  public static func bySpecificity(_ patterns: [String]) -> [Int] {
    func rank(_ place: Int) -> (Int, Int, Int) {
      let stars = patterns[place].utf8.count { $0 == UInt8(ascii: "*") }
      return (stars - patterns[place].utf8.count, stars, place)
    }
    return patterns.indices.sorted { rank($0) < rank($1) }
  }

  /// Whether there can be a name that both patterns stand for.
  public static func overlap(_ first: String, _ second: String) -> Bool {
    let (left, right) = (Array(first.utf8), Array(second.utf8))
    let star = UInt8(ascii: "*")
    // Of what is left of one from `row` and of the other from `column` on; the last row first.
    var below = [Bool](repeating: false, count: right.count + 1)
    for row in stride(from: left.count, through: 0, by: -1) {
      var line = below
      for column in stride(from: right.count, through: 0, by: -1) {
        let hasLeft = row < left.count
        let hasRight = column < right.count
        if hasLeft, left[row] == star {
          line[column] = below[column] || hasRight && line[column + 1]
        } else if hasRight, right[column] == star {
          line[column] = line[column + 1] || hasLeft && below[column]
        } else if hasLeft, hasRight {
          line[column] = left[row] == right[column] && below[column + 1]
        } else {
          line[column] = !hasLeft && !hasRight
        }
      }
      below = line
    }
    return below[0]
  }

  /// The same as `matches` over text, for configuration.
  public static func matches(pattern: String, name: String) -> Bool {
    pattern.withByteView { pattern in
      name.withByteView { name in matches(pattern: pattern, name: name) }
    }
  }
}
