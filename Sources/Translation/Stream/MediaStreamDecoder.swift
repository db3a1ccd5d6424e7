// SPDX-License-Identifier: MIT

internal import Bytes
internal import JSON

/// Watches streams of OpenAI's images and audio ("Image streaming", "Audio streaming", OpenAI API
/// reference). What comes last says so in its type: `transcript.text.done`, `speech.audio.done`,
/// `image_generation.completed` and `image_edit.completed`, of which each picture has one, with
/// what that picture took. Servers that end with a summary of all (MiniMax) have no picture in it.
public struct MediaStreamDecoder: StreamDecoder {
  private let tree = JSONTree()
  private var isDone = false
  /// Of the pictures so far.
  private var pictures = Usage()
  public private(set) var isAtWork = false

  public init() {}

  public mutating func decode(
    _ frame: StreamFrame, into events: inout [StreamEvent]
  ) throws(TranslationError) {
    isAtWork = true
    if frame.data.equals("[DONE]") {
      events.append(.end)
      return
    }
    let body: JSONNode
    do throws(JSONError) { body = try tree.parse(frame.data) } catch {
      throw .malformed("An event of the stream is not JSON: \(error.sentence)")
    }
    let type = body["type"]?.string ?? ""
    if type == "error" || body["error"]?.isObject == true {
      isAtWork = false
      events.append(.failure(OpenAIErrorReader.read(body["error"] ?? body, in: body, status: 0)))
      return
    }
    isDone = type.hasSuffix(".done") || type.hasSuffix(".completed")
    guard let node = body["usage"], node.isObject else { return }
    let usage = ResponsesAnswer.usage(node)
    if body["b64_json"] == nil && body["url"] == nil {
      events.append(.usage(usage))
    } else if isDone {
      pictures.add(usage)
      events.append(.usage(pictures))
    }
  }

  public mutating func end(into events: inout [StreamEvent]) throws(TranslationError) {
    guard isDone else { throw .malformed("The stream ended before its last event.") }
    events.append(.end)
  }
}
