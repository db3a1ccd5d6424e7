// SPDX-License-Identifier: MIT

internal import JSON

/// A block of a stream that has begun and is not closed.
struct StreamBlock {
  enum Kind: Equatable {
    case text
    case thinking
    /// A call: its number among calls.
    case tool(Int)
    /// Nothing can follow.
    case complete
  }

  var kind: Kind
  let index: Int
  /// What is to be written once it is the block's turn: its start at least.
  var held: [UInt8] = []
  /// Of a call's arguments.
  var progress = JSONProgress()

  /// Text or thoughts.
  init(_ kind: Kind, at index: Int) {
    self.kind = kind
    self.index = index
    begin { json in
      if kind == .text {
        json.member("type", literal: "text")
        json.member("text", literal: "")
      } else {
        json.member("type", literal: "thinking")
        json.member("thinking", literal: "")
        json.member("signature", literal: "")
      }
    }
  }

  init(tool: Int, _ id: JSONText, _ name: JSONText, at index: Int) {
    kind = .tool(tool)
    self.index = index
    begin {
      $0.member("type", literal: "tool_use")
      $0.member("id", id)
      $0.member("name", name)
      $0.object("input") { _ in }
    }
  }

  init(redacted data: JSONText, at index: Int) {
    kind = .complete
    self.index = index
    begin {
      $0.member("type", literal: "redacted_thinking")
      $0.member("data", data)
    }
  }

  private mutating func begin(_ content: (inout JSONBuilder) -> Void) {
    var json = JSONBuilder(Array("event: content_block_start\ndata: ".utf8))
    json.object { json in
      json.member("type", literal: "content_block_start")
      json.member("index", integer: Int64(index))
      json.object("content_block") { content(&$0) }
    }
    held = json.finish()
    held += "\n\n".utf8
  }

  /// Whether the block may be closed when another one waits.
  var isDone: Bool {
    if case .tool = kind { return progress.isComplete }
    return true
  }

  /// A piece of a block's content.
  struct Delta {
    var type: StaticString
    var member: StaticString
    var text: JSONText

    func append(index: Int, to output: inout [UInt8]) {
      output +=
        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":".utf8
      output += String(index).utf8
      output += ",\"delta\":{\"type\":\"".utf8
      Self.append(type, to: &output)
      output += "\",\"".utf8
      Self.append(member, to: &output)
      output += "\":\"".utf8
      output += text.escaped
      output += "\"}}\n\n".utf8
    }

    private static func append(_ text: StaticString, to output: inout [UInt8]) {
      unsafe output.append(
        contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
  }

  static func delta(_ kind: Kind, _ text: JSONText) -> Delta {
    switch kind {
    case .text, .complete: Delta(type: "text_delta", member: "text", text: text)
    case .thinking: Delta(type: "thinking_delta", member: "thinking", text: text)
    case .tool: Delta(type: "input_json_delta", member: "partial_json", text: text)
    }
  }

  static func signature(_ text: JSONText) -> Delta {
    Delta(type: "signature_delta", member: "signature", text: text)
  }
}

/// Tells when the pieces of a JSON object make a whole. Whether it is valid is not looked at.
struct JSONProgress {
  private var depth = 0
  private var isInString = false
  private var isEscaped = false
  private(set) var isComplete = false

  mutating func take(_ piece: JSONText) {
    for byte in piece.plainBytes where !isComplete { take(byte) }
  }

  private mutating func take(_ byte: UInt8) {
    if isInString {
      if isEscaped {
        isEscaped = false
      } else if byte == 0x5c {
        isEscaped = true
      } else if byte == 0x22 {
        isInString = false
      }
      return
    }
    switch byte {
    case 0x22: isInString = true
    case 0x7b, 0x5b: depth += 1
    case 0x7d, 0x5d:
      depth -= 1
      isComplete = depth <= 0
    default: break
    }
  }
}
