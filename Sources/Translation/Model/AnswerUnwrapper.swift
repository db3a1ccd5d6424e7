// SPDX-License-Identifier: MIT

internal import JSON

/// Takes an answer out of the object that it was put into (`JSONAnswerWrapper`), and a word out of
/// its quotes, as the pieces of the text come. A text that is neither passes as it is: not every
/// server keeps to a schema.
///
/// What comes are texts of JSON documents, with their escapes, and what they say is JSON itself.
/// Each character is looked at and none is written anew.
struct AnswerUnwrapper {
  private enum State {
    /// So many characters of what stands before the answer were seen.
    case before(Int)
    case value(ValueScanner)
    /// A string whose quotes are to go, kept until it is whole.
    case quoted(ValueScanner)
    /// It is whole, and is a word if nothing follows.
    case word
    case after
    case asItIs
  }

  private static let opening = Array("{\"\(JSONAnswerWrapper.member)\":".utf8)
  /// Longer words are given as JSON.
  private static let wordBytesMaximum = 65_536
  /// More white space than that before an answer is given to who waits for it.
  private static let spaceBytesMaximum = 4_096

  private let shape: AnswerShape
  private var state = State.before(0)
  /// What was not given yet.
  private var held: [UInt8] = []

  init(_ shape: AnswerShape) { self.shape = shape }

  /// - Returns: what of the answer this piece lets out.
  mutating func take(_ piece: JSONText) -> JSONText {
    if case .asItIs = state { return piece }
    let bytes = piece.escaped
    var index = bytes.startIndex
    // Of the piece, what is the answer's begins here; it ends with the piece or the answer.
    var start = index
    var kept: [UInt8] = []
    while index < bytes.endIndex {
      let unit = CharacterUnit(bytes, at: index)
      let next = index + unit.count
      switch state {
      case .before(let count):
        begin(count, unit)
        switch state {
        case .asItIs: return flushed(bytes[index...])
        case .value: start = index
        default: held += bytes[index..<next]
        }
        if held.count > Self.spaceBytesMaximum, case .before = state {
          state = .asItIs
          return flushed(bytes[next...])
        }
      case .value(var scanner):
        if scanner.ends(at: unit.byte) {
          let end = scanner.includesEnd ? next : index
          state = .after
          return Self.text(kept, bytes[start..<end])
        }
        state = .value(scanner)
      case .quoted(var scanner):
        held += bytes[index..<next]
        if scanner.ends(at: unit.byte) {
          guard shape.isWrapped else {
            state = .word
            break
          }
          state = .after
          return word()
        }
        guard held.count <= Self.wordBytesMaximum else {
          state = .value(scanner)
          swap(&kept, &held)
          start = next
          break
        }
        state = .quoted(scanner)
      case .word:
        // A word in quotes and what the model says of it.
        guard unit.isSpace else {
          state = .asItIs
          return flushed(bytes[index...])
        }
        held += bytes[index..<next]
      case .after, .asItIs: return .empty
      }
      index = next
    }
    if case .value = state { return Self.text(kept, bytes[start...]) }
    return .empty
  }

  private static func text(_ kept: [UInt8], _ rest: ArraySlice<UInt8>) -> JSONText {
    JSONText(escaped: kept.isEmpty ? rest : (kept + rest)[...])
  }

  /// The text is over.
  ///
  /// - Returns: what was kept of an answer that broke off.
  mutating func end() -> JSONText {
    defer { state = .asItIs }
    switch state {
    case .before: return flushed([])
    case .word: return word()
    case .quoted:
      // The quote is there and its end is not.
      let quote = CharacterUnit(held[...], at: 0).count
      return JSONText(escaped: held[quote...])
    case .value, .after, .asItIs: return .empty
    }
  }

  // MARK: What stands before

  private mutating func begin(_ count: Int, _ unit: CharacterUnit) {
    let opening = shape.isWrapped ? Self.opening : []
    let mayBeSpace = count <= 1 || count >= opening.count - 1
    if mayBeSpace, unit.isSpace { return }
    if count < opening.count {
      state = unit.byte == opening[count] ? .before(count + 1) : .asItIs
      return
    }
    let scanner = ValueScanner(from: unit.byte)
    guard shape.isQuoted else {
      held = []
      return state = .value(scanner)
    }
    guard unit.byte == UInt8(ascii: "\"") else {
      // No string: what it is goes on as JSON, or as the word that it is already.
      held = shape.isWrapped ? [] : held
      return state = shape.isWrapped ? .value(scanner) : .asItIs
    }
    held = []
    state = .quoted(scanner)
  }

  private mutating func flushed(_ rest: ArraySlice<UInt8>) -> JSONText {
    defer { held = [] }
    return Self.text(held, rest)
  }

  /// What the string says that is kept.
  private mutating func word() -> JSONText {
    let kept = JSONText(escaped: held[...])
    held = []
    guard let node = try? JSONFragment(checking: kept.plainBytes[...]), let text = node.parsed.text
    else { return kept }
    return text
  }
}

/// One character of a text within a JSON document, which may be an escape.
private struct CharacterUnit {
  /// Itself where it is ASCII; of others a byte that JSON has no use for outside of strings.
  let byte: UInt8
  /// Bytes that it takes.
  let count: Int

  init(_ bytes: ArraySlice<UInt8>, at index: Int) {
    let first = bytes[index]
    guard first == UInt8(ascii: "\\"), index + 1 < bytes.endIndex else {
      byte = first
      count = 1
      return
    }
    switch bytes[index + 1] {
    case UInt8(ascii: "n"): byte = 0x0a
    case UInt8(ascii: "r"): byte = 0x0d
    case UInt8(ascii: "t"): byte = 0x09
    case UInt8(ascii: "b"), UInt8(ascii: "f"): byte = 0
    case UInt8(ascii: "u"):
      let end = min(index + 6, bytes.endIndex)
      let number = Int(String(decoding: bytes[(index + 2)..<end], as: UTF8.self), radix: 16)
      byte = number.flatMap { $0 < 0x80 ? UInt8($0) : nil } ?? 0xff
      count = end - index
      return
    default: byte = bytes[index + 1]
    }
    count = 2
  }

  var isSpace: Bool { [0x20, 0x0a, 0x0d, 0x09].contains(byte) }
}

/// Finds the end of a JSON value.
private struct ValueScanner {
  private var depth = 0
  private var isInString = false
  private var isEscaped = false
  /// A number or a word, which what follows ends.
  private let isBare: Bool

  /// The character at which it ends is the value's own.
  var includesEnd: Bool { !isBare }

  init(from first: UInt8) {
    switch first {
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      isBare = false
      depth = 1
    case UInt8(ascii: "\""):
      isBare = false
      isInString = true
    default: isBare = true
    }
  }

  mutating func ends(at byte: UInt8) -> Bool {
    if isInString {
      if isEscaped {
        isEscaped = false
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else if byte == UInt8(ascii: "\"") {
        isInString = false
        return depth == 0
      }
      return false
    }
    switch byte {
    case UInt8(ascii: "\""): isInString = true
    case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
    case UInt8(ascii: "}"), UInt8(ascii: "]"):
      depth -= 1
      return isBare || depth == 0
    case UInt8(ascii: ","), 0x20, 0x0a, 0x0d, 0x09: return isBare
    default: break
    }
    return false
  }
}
