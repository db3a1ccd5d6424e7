// SPDX-License-Identifier: MIT

public import Bytes

/// Changes to a body as a list of replaced ranges, for a vectored write: the body itself is neither
/// copied nor moved. POD; new text lives in a scratch buffer of the caller's.
///
/// Edits may be made in any order, but must not overlap.
public struct JSONPatch: Sendable {
  /// How many edits fit.
  public static var editsMax: Int { 8 }

  struct Edit: Sendable {
    /// What is replaced in the body; an empty range is an insertion.
    var original: ByteRange
    /// What replaces it, in the scratch buffer.
    var literal: ByteRange
  }

  var edits = [8 of Edit](repeating: Edit(original: .empty, literal: .empty))
  public private(set) var editCount = 0

  public init() {}

  public var isEmpty: Bool { editCount == 0 }

  /// Replaces `range` of the body by `literal` of the scratch buffer. False, and nothing done, if
  /// the edit overlaps another or there are too many.
  public mutating func replace(_ range: ByteRange, with literal: ByteRange) -> Bool {
    guard editCount < Self.editsMax else { return false }
    var position = editCount
    while position > 0 && edits[position - 1].original.lowerBound > range.lowerBound {
      position -= 1
    }
    if position > 0 && edits[position - 1].original.upperBound > range.lowerBound { return false }
    if position < editCount && edits[position].original.lowerBound < range.upperBound {
      return false
    }
    var index = editCount
    while index > position {
      edits[index] = edits[index - 1]
      index -= 1
    }
    edits[position] = Edit(original: range, literal: literal)
    editCount += 1
    return true
  }

  /// The length of the body once patched.
  public func patchedCount(bodyCount: Int) -> Int {
    var count = bodyCount
    for index in 0..<editCount {
      count += Int(edits[index].literal.count) - Int(edits[index].original.count)
    }
    return count
  }

  /// The pieces of the patched body in order, none of them empty: at most `2 * editCount + 1`.
  ///
  /// - Parameter scratch: what the writer of the literals has `written`.
  public func segments(body: ByteView, scratch: ByteView) -> JSONPatchSegments {
    JSONPatchSegments(patch: self, body: body, scratch: scratch)
  }
}

/// Walks the pieces of a patched body.
public struct JSONPatchSegments {
  private let patch: JSONPatch
  private let body: ByteView
  private let scratch: ByteView
  private var position = 0
  private var editIndex = 0
  private var literalIsNext = false

  init(patch: JSONPatch, body: ByteView, scratch: ByteView) {
    self.patch = patch
    self.body = body
    self.scratch = scratch
  }

  public mutating func next() -> ByteView? {
    while editIndex < patch.editCount {
      let edit = patch.edits[editIndex]
      if literalIsNext {
        literalIsNext = false
        editIndex += 1
        if !edit.literal.isEmpty { return scratch[edit.literal] }
      } else {
        let piece = body[position..<edit.original.lowerBound]
        position = edit.original.upperBound
        literalIsNext = true
        if !piece.isEmpty { return piece }
      }
    }
    guard position < body.count else { return nil }
    defer { position = body.count }
    return body[position..<body.count]
  }
}
