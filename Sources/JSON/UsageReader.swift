// SPDX-License-Identifier: MIT

import Bytes
import CKernels

/// Reads a `usage` object of the shape that nearly all are of: names, whole numbers, and objects of
/// these one level deep, without white space inside numbers and names without escapes. It answers
/// nil for anything else, and the careful scan has its turn. A third of that scan's instructions.
///
/// SAFETY: bytes are read only at indices below the count, compared just before, and 16 at a time
/// only where so many are left.
@safe
struct UsageReader {
  private let text: ByteView
  private var index: Int
  private var numbers = UsageNumbers()

  /// - Parameters:
  ///   - start: where the object's opening brace is.
  ///   - shape: learns the object's layout.
  /// - Returns: what it says, and where it ends.
  static func read(
    _ text: ByteView, at start: Int, teaching shape: UsageShape?
  ) -> (usage: TokenUsage, end: Int)? {
    var reader = UsageReader(text: text, index: start + 1)
    guard let usage = reader.object() else { return nil }
    shape?.learn(text, from: start, to: reader.index, reader.numbers)
    return (usage, reader.index)
  }

  @inline(__always)
  private init(text: ByteView, index: Int) {
    self.text = text
    self.index = index
  }

  /// What the object between the braces says.
  private mutating func object() -> TokenUsage? {
    var usage = TokenUsage()
    var isInDetails = false
    var isPrompt = false
    var isRelevant = true
    while index < text.count {
      let byte = unsafe text.base[index]
      index &+= 1
      switch byte {
      case 0x22:
        guard let name = name() else { return nil }
        guard index < text.count else { return nil }
        let first = unsafe text.base[index]
        if first &- 0x30 < 10 {
          let start = index
          guard let count = number() else { return nil }
          var field = UsageField.none
          if !isInDetails {
            field = UsageField(name)
          } else if isRelevant {
            field = UsageField(detail: name, isPrompt: isPrompt)
          }
          usage.set(field, count)
          numbers.note(from: start, to: index, field)
        } else if first == 0x7b && !isInDetails {
          index &+= 1
          isInDetails = true
          isPrompt = TokenUsage.isPromptDetails(name)
          isRelevant = isPrompt || TokenUsage.isCompletionDetails(name)
        } else if first == 0x6e {
          guard text.dropFirst(index).starts(with: "null") else { return nil }
          index &+= 4
        } else {
          return nil
        }
      case 0x7d:
        if !isInDetails { return usage }
        isInDetails = false
      case 0x2c, 0x20, 0x0a, 0x0d, 0x09: continue
      default: return nil
      }
    }
    return nil
  }

  /// The name whose opening quote was just passed; steps over the colon and blanks after it.
  @inline(__always)
  private mutating func name() -> ByteView? {
    let start = index
    var end = start
    while end &+ 16 <= text.count {
      let quotes = unsafe ck_match16(text.base + end, 0x22)
      if quotes != 0 {
        end &+= quotes.trailingZeroBitCount
        break
      }
      end &+= 16
    }
    while unsafe end < text.count && text.base[end] != 0x22 { end &+= 1 }
    index = end &+ 1
    guard unsafe index < text.count && text.base[index] == 0x3a else { return nil }
    index &+= 1
    while unsafe index < text.count && text.base[index] == 0x20 { index &+= 1 }
    return unsafe ByteView(base: text.base + start, count: end &- start)
  }

  /// The whole number at the index, below 10^18, and what may follow one.
  @inline(__always)
  private mutating func number() -> UInt64? {
    let start = index
    var value: UInt64 = 0
    while index < text.count {
      let digit = unsafe text.base[index] &- 0x30
      guard digit < 10 else { break }
      value = value &* 10 &+ UInt64(digit)
      index &+= 1
    }
    guard index &- start <= UsageNumbers.digitsMax && index < text.count else { return nil }
    let next = unsafe text.base[index]
    return next == 0x2c || next == 0x7d || next == 0x20 || next == 0x0a ? value : nil
  }
}
