// SPDX-License-Identifier: MIT

internal import Bytes
internal import JSON

/// Watches streams of OpenAI's images and audio ("Image streaming", "Audio streaming", OpenAI API
/// reference). What comes last says so in its type: `transcript.text.done`, `speech.audio.done`,
/// `image_generation.completed` and `image_edit.completed`, of which each picture has one.
public struct MediaStreamDecoder: StreamDecoder {
  private let tree = JSONTree()
  private var isDone = false
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
    if let usage = body["usage"], usage.isObject {
      events.append(.usage(ResponsesAnswer.usage(usage)))
    }
  }

  public mutating func end(into events: inout [StreamEvent]) throws(TranslationError) {
    guard isDone else { throw .malformed("The stream ended before its last event.") }
    events.append(.end)
  }
}
