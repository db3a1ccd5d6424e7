// SPDX-License-Identifier: MIT

import Bytes
import JSON
import Testing

@testable import Translation

/// What becomes of streams of DeepSeek and xAI for OpenAI's clients; the goldens show the rest.
struct OpenAIAnswerMenderTests {
  private func run(
    _ frames: [String], wantsUsage: Bool
  ) throws -> (text: String, progress: StreamProgress) {
    var context = Goldens.context
    context.wantsStreamUsage = wantsUsage
    var translator = StreamTranslator(
      mendsFor: context, encoder: OpenAIChatClient.makeStreamEncoder(context))
    var output: [UInt8] = []
    let bytes = Array(frames.map { "data: \($0)\n\n" }.joined().utf8)
    let result: Result<Void, TranslationError> = bytes.withView { view in
      do throws(TranslationError) {
        return .success(try translator.feed(view, into: &output))
      } catch { return .failure(error) }
    }
    try result.get()
    return (String(decoding: output, as: UTF8.self), translator.progress)
  }

  private let usage =
    #""usage":{"prompt_tokens":15,"completion_tokens":20,"total_tokens":42,"#
    + #""completion_tokens_details":{"reasoning_tokens":7}}"#

  private func piece(_ index: Int, _ delta: String, _ reason: String, _ more: String = "") -> String
  {
    #"{"id":"a","model":"m","choices":[{"index":\#(index),"delta":{\#(delta)},"#
      + #""finish_reason":\#(reason)}]\#(more)}"#
  }

  @Test func usageThatNobodyAskedForIsLeftOutButCounted() throws {
    let frames = [
      piece(0, #""content":"Hi""#, "null", "," + usage), piece(0, "", #""stop""#, "," + usage),
      #"{"id":"a","model":"m","choices":[],\#(usage)}"#, "[DONE]",
    ]
    let plain = try run(frames, wantsUsage: false)
    #expect(
      plain.text == "data: \(piece(0, #""content":"Hi""#, "null"))\n\n"
        + "data: \(piece(0, "", #""stop""#))\n\ndata: [DONE]\n\n")
    #expect(plain.progress.usage?.outputTokens == 27 && plain.progress.isComplete)
    let full = try run(frames, wantsUsage: true)
    #expect(full.text.split(separator: #""completion_tokens":27"#).count == 4)
    #expect(full.text.hasSuffix("}\n\ndata: [DONE]\n\n"))
  }

  @Test func emptyReasonsOfSeveralChoicesEndBeforeTheUsage() throws {
    let call = #""tool_calls":[{"index":0,"id":"c","function":{"name":"f","arguments":"{}"}}]"#
    let run = try run(
      [
        piece(0, call, #""""#), piece(1, #""content":"Hi""#, #""""#),
        #"{"id":"a","model":"m","choices":[],\#(usage)}"#, "[DONE]",
      ], wantsUsage: true)
    let chunks = run.text.split(separator: "\n\n").map { $0.dropFirst(6) }
    #expect(chunks.count == 6 && chunks[5] == "[DONE]" && chunks[4].contains("prompt_tokens"))
    #expect(chunks[0] == piece(0, call, "null") && chunks[1].contains(#""finish_reason":null"#))
    #expect(chunks[2].contains(#""index":0"#) && chunks[2].contains(#""tool_calls""#))
    #expect(chunks[3].contains(#""index":1"#) && chunks[3].contains(#""stop""#))
    #expect(chunks[2].hasPrefix(#"{"id":"a","model":"m","choices""#))
  }

  @Test func whatFailsIsNotPassedOn() throws {
    let run = try run(
      [piece(0, #""content":"Hi""#, "null"), #"{"error":{"message":"Busy","code":"503"}}"#],
      wantsUsage: false)
    #expect(run.text == "data: \(piece(0, #""content":"Hi""#, "null"))\n\n")
    #expect(run.progress.failure?.message == "Busy" && !run.progress.isComplete)
    let broken = try self.run(
      [piece(0, "", #""insufficient_system_resource""#)], wantsUsage: false)
    #expect(broken.text.isEmpty && broken.progress.failure?.kind == .overloaded)
  }
}
