// SPDX-License-Identifier: MIT

import Bytes
import Foundation
import JSON
import Testing

@Suite struct JSONPatchTests {
  /// The patched text, put together from its segments.
  private func patched(
    _ text: String, scratchCapacity: Int = 512,
    _ edit: (inout JSONPatch, ChatRequestFacts, inout ByteWriter) -> Bool
  ) -> (isMade: Bool, text: String) {
    let (outcome, facts) = scanRequest(text)
    #expect(outcome == .accepted)
    var patch = JSONPatch()
    var isMade = false
    var result: [UInt8] = []
    _ = withWriter(capacity: scratchCapacity) { scratch in
      isMade = edit(&patch, facts, &scratch)
      withBytes(Array(text.utf8)) { body in
        var segments = patch.segments(body: body, scratch: scratch.written)
        var count = 0
        while let segment = segments.next() {
          #expect(!segment.isEmpty)
          for index in 0..<segment.count { result.append(segment[index]) }
          count += 1
        }
        #expect(count <= 2 * patch.editCount + 1)
        #expect(patch.patchedCount(bodyCount: body.count) == result.count)
      }
    }
    return (isMade, String(decoding: result, as: UTF8.self))
  }

  @Test func modelIsReplaced() {
    let result = patched(#" {"a":1,"model" : "x\n","b":2}"#) { patch, facts, scratch in
      "we\"ird/mod\u{e9}l".withByteView { patch.setModel(facts, to: $0, scratch: &scratch) }
    }
    #expect(
      result.isMade && result.text == " {\"a\":1,\"model\" : \"we\\\"ird/mod\u{e9}l\",\"b\":2}")
  }

  static let usage: [(String, String)] = [
    (#"{"model":"m"}"#, #"{"stream_options":{"include_usage":true},"model":"m"}"#),
    (#"{ "model":"m"}"#, #"{"stream_options":{"include_usage":true}, "model":"m"}"#),
    (#"{"stream_options":null}"#, #"{"stream_options":{"include_usage":true}}"#),
    (#"{"stream_options":{}}"#, #"{"stream_options":{"include_usage":true}}"#),
    (#"{"stream_options":{ "x":1}}"#, #"{"stream_options":{"include_usage":true, "x":1}}"#),
    (
      #"{"stream_options":{"include_usage":false,"x":1}}"#,
      #"{"stream_options":{"include_usage":true,"x":1}}"#
    ),
    (#"{"stream_options":{"include_usage":null}}"#, #"{"stream_options":{"include_usage":true}}"#),
    (#"{"stream_options":{"include_usage":true}}"#, #"{"stream_options":{"include_usage":true}}"#),
    (#"{}"#, #"{"stream_options":{"include_usage":true}}"#),
    (
      #"{"stream_options":{"include_usage":true},"stream_options":{}}"#,
      #"{"stream_options":{"include_usage":true},"stream_options":{"include_usage":true}}"#
    ),
  ]

  @Test(arguments: usage) func usageIsAskedFor(text: String, expected: String) {
    let result = patched(text) { $0.askForUsage($1, scratch: &$2) }
    #expect(result.isMade && result.text == expected)
    #expect(scanRequest(result.text).1.wantsUsage)
  }

  @Test func maxTokensIsSet() {
    let cases = [
      (#"{"model":"m"}"#, #"{"max_tokens":77,"model":"m"}"#),
      (#"{"max_tokens":1e9,"model":"m"}"#, #"{"max_tokens":77,"model":"m"}"#),
      (#"{"max_tokens":null}"#, #"{"max_tokens":77}"#),
      (
        #"{"max_completion_tokens":5,"max_tokens":6}"#,
        #"{"max_completion_tokens":77,"max_tokens":6}"#
      ),
      (
        #"{"max_completion_tokens":null,"max_tokens":6}"#,
        #"{"max_completion_tokens":null,"max_tokens":77}"#
      ),
    ]
    for (text, expected) in cases {
      let result = patched(text) { $0.setMaxTokens($1, to: 77, scratch: &$2) }
      #expect(result.isMade && result.text == expected)
    }
  }

  /// All edits together, in any order, give valid JSON that says what was asked.
  @Test func editsCombine() throws {
    let texts = [
      #"{"model":"m","messages":[]}"#, #"{"messages":[],"max_tokens":5,"model":"m"}"#,
      #"{"stream_options":{"include_usage":false},"model":"m","max_completion_tokens":1}"#,
    ]
    for text in texts {
      for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let result = patched(text) { patch, facts, scratch in
          for edit in order {
            var isMade = false
            switch edit {
            case 0:
              isMade = "other".withByteView { patch.setModel(facts, to: $0, scratch: &scratch) }
            case 1: isMade = patch.askForUsage(facts, scratch: &scratch)
            default: isMade = patch.setMaxTokens(facts, to: 9, scratch: &scratch)
            }
            #expect(isMade)
          }
          return true
        }
        let parsed = try JSONSerialization.jsonObject(with: Data(result.text.utf8))
        let object = try #require(parsed as? [String: Any])
        #expect(object["model"] as? String == "other", "\(result.text)")
        #expect((object["stream_options"] as? [String: Any])?["include_usage"] as? Bool == true)
        #expect((object["max_tokens"] ?? object["max_completion_tokens"]) as? Int == 9)
      }
    }
  }

  @Test func nothingIsDoneWithoutRoom() {
    let result = patched(#"{"model":"m"}"#, scratchCapacity: 10) {
      $0.askForUsage($1, scratch: &$2)
    }
    #expect(!result.isMade && result.text == #"{"model":"m"}"#)
    let absent = patched(#"{"a":1}"#) { patch, facts, scratch in
      "m".withByteView { patch.setModel(facts, to: $0, scratch: &scratch) }
    }
    #expect(!absent.isMade && absent.text == #"{"a":1}"#)
  }

  @Test func overlapsAndOverflowAreRefused() {
    var patch = JSONPatch()
    let attempts = [
      (4, 8, true), (7, 9, false), (0, 5, false), (5, 6, false), (8, 9, true), (0, 4, true),
      (20, 21, true), (21, 22, true), (22, 23, true), (23, 24, true), (24, 25, true),
      (50, 51, false),
    ]
    for (lower, upper, expected) in attempts {
      let isMade = patch.replace(ByteRange(lower, upper), with: .empty)
      #expect(isMade == expected, "\(lower)..<\(upper)")
    }
    #expect(patch.editCount == JSONPatch.editsMax)
  }
}
