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

  /// The same over text, for configuration.
  public static func matches(pattern: String, name: String) -> Bool {
    pattern.withByteView { pattern in
      name.withByteView { name in matches(pattern: pattern, name: name) }
    }
  }
}
