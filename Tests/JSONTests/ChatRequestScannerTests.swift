// SPDX-License-Identifier: MIT

import Bytes
import JSON
import Testing

@Suite struct ChatRequestScannerTests {
  static let chat = """
    {"model":"gpt-4o-mini", "messages":[{"role":"system","content":"Be brief."},\
    {"role":"user","content":[{"type":"text","text":"\u{df} \u{1f600} \\u00e9\\ud83d\\ude00"},\
    {"type":"image_url","image_url":{"url":"data:,"}}]}],\
    "temperature":0.70e+0,"stream" : true,"stream_options":{"include_usage":false,"x":[1]},\
    "max_tokens":256,"max_completion_tokens":null,"n":2,"user":"user-1","metadata":{"a":"b"},\
    "tools":[],"response_format":{"type":"json_object"},"unknown":{"model":"x","stream":1}}\r\n\t
    """

  @Test func factsOfAChatRequest() {
    let (outcome, facts) = scanRequest(Self.chat)
    #expect(outcome == .accepted)
    #expect(Self.chat.bytes(facts.model.range) == "\"gpt-4o-mini\"")
    #expect(Self.chat.bytes(facts.model.contents) == "gpt-4o-mini")
    #expect(!facts.model.hasEscapes && facts.model.kind == .string)
    #expect(facts.wantsStream && facts.stream.kind == .true)
    #expect(Self.chat.bytes(facts.streamOptions.range) == "{\"include_usage\":false,\"x\":[1]}")
    #expect(!facts.streamOptionsIsEmpty && facts.includeUsage.kind == .false && !facts.wantsUsage)
    #expect(facts.messageCount == 2 && facts.messages.kind == .array)
    #expect(facts.hasImages && !facts.hasAudio && facts.hasTools)
    withBytes(Array(Self.chat.utf8)) { view in
      #expect(facts.maxTokens.integer(in: view) == 256)
      #expect(facts.n.integer(in: view) == 2)
    }
    #expect(facts.maxCompletionTokens.kind == .null && !facts.maxCompletionTokens.isPresent)
    #expect(Self.chat.bytes(facts.user.contents) == "user-1")
    #expect(Self.chat.bytes(facts.metadata.range) == "{\"a\":\"b\"}")
    #expect(facts.responseFormat.kind == .object && facts.functions.kind == .absent)
    #expect(facts.objectStart == 0 && Int(facts.objectEnd) == Self.chat.utf8.count - 3)
    #expect(facts.repeatedMembers == 0 && facts.firstWrongKind() == nil && !facts.isEmpty)
  }

  /// A body cut short at any place is refused there, and nothing outside of it is read.
  @Test func everyPrefixIsRefusedAtItsEnd() {
    let all = Array(Self.chat.utf8)
    for length in 0..<(all.count - 3) {
      let (outcome, _) = scanRequest(Array(all[..<length]))
      guard case .refused(let reason, let offset) = outcome else {
        Issue.record("accepted a prefix of \(length) bytes")
        continue
      }
      // A cut inside a multi-byte character is seen at its first byte.
      let isCutCharacter = reason == .utf8Invalid && offset < length && offset + 4 > length
      #expect((reason == .unexpectedEnd && offset == length) || isCutCharacter, "\(length)")
    }
  }

  @Test func lastOfRepeatedMembersWins() {
    let text =
      #"{"model":1,"model":"a","stream":true,"stream_options":{"include_usage":true},"#
      + #""stream":false,"stream_options":{},"m\u006fdel":"b"}"#
    let (outcome, facts) = scanRequest(text)
    #expect(outcome == .accepted)
    #expect(text.bytes(facts.model.contents) == "b")
    #expect(facts.isRepeated(.model) && facts.isRepeated(.stream))
    #expect(facts.isRepeated(.streamOptions) && !facts.isRepeated(.messages))
    #expect(!facts.wantsStream && facts.includeUsage.kind == .absent && facts.streamOptionsIsEmpty)
  }

  static let wrongKinds: [(String, ChatRequestMember?)] = [
    (#"{"model":1}"#, .model),
    (#"{"model":null}"#, .model),
    (#"{"model":"a","stream":"true"}"#, .stream),
    (#"{"model":"a","stream":1}"#, .stream),
    (#"{"model":"a","messages":{}}"#, .messages),
    (#"{"model":"a","messages":"hi"}"#, .messages),
    (#"{"model":"a","max_tokens":"5"}"#, .maxTokens),
    (#"{"model":"a","max_completion_tokens":[5]}"#, .maxCompletionTokens),
    (#"{"model":"a","n":true}"#, .n),
    (#"{"model":"a","user":5}"#, .user),
    (#"{"model":"a","metadata":[]}"#, .metadata),
    (#"{"model":"a","stream_options":[]}"#, .streamOptions),
    (#"{"model":"a","input":{}}"#, .input),
    (#"{"model":"a","prompt":5}"#, .prompt),
    (#"{"model":"a","tools":{}}"#, .tools),
    (#"{"model":"a","functions":1}"#, .functions),
    (#"{"model":"a","response_format":"json"}"#, .responseFormat),
    (#"{"model":"a","input":"b","prompt":["c"],"user":null,"stream":null,"n":null}"#, nil),
    (#"{}"#, nil),
  ]

  @Test(arguments: wrongKinds) func wrongKindIsNamed(text: String, member: ChatRequestMember?) {
    let (outcome, facts) = scanRequest(text)
    #expect(outcome == .accepted && facts.firstWrongKind() == member, "\(text)")
  }

  @Test func contentPartsAreSeen() {
    func facts(_ text: String) -> ChatRequestFacts { scanRequest(text).1 }
    #expect(facts(#"{"messages":[{"content":[{"type":"input_image","file_id":"f"}]}]}"#).hasImages)
    #expect(facts(#"{"input":[{"content":[{"type": "input_image"}]}]}"#).hasImages)
    #expect(facts(#"{"messages":[{"content":[{"input_audio":{}}]}]}"#).hasAudio)
    #expect(facts(#"{"messages":[{"image_url" :1}]}"#).hasImages)
    // Only words in a text, or elsewhere, are no image.
    #expect(!facts(#"{"messages":[{"content":"input_image"},{"content":"image_url"}]}"#).hasImages)
    #expect(!facts(#"{"other":[{"image_url":1}]}"#).hasImages)
    #expect(facts(#"{"input":["a","b",["c","d"]]}"#).inputCount == 3)
    #expect(facts(#"{"prompt":[1,2]}"#).inputCount == 2)
    #expect(facts(#"{"messages":[]}"#).messageCount == 0)
    #expect(facts(#"{"messages":{"a":1}}"#).messageCount == 0)
  }

  static let sessions: [(String, String?)] = [
    (#"{"model":"a"}"#, nil),
    (#"{"user":"u"}"#, "u"),
    (#"{"user":"u","prompt_cache_key":"k"}"#, "k"),
    (#"{"prompt_cache_key":"","user":"u"}"#, "u"),
    (#"{"prompt_cache_key":5,"user":null,"metadata":{"x":[{}],"user_id":"m"}}"#, "m"),
    (#"{"metadata":{"user_id":7}}"#, nil),
    (#"{"metadata":{"other":{"user_id":"no"}}}"#, nil),
    (#"{"metadata":{}}"#, nil),
    (#"{"prompt_cache_key":"a\"b"}"#, #"a\"b"#),
  ]

  @Test(arguments: sessions) func sessionIsFound(text: String, session: String?) {
    let (outcome, facts) = scanRequest(text)
    #expect(outcome == .accepted)
    #expect(text.withByteView { facts.session(in: $0)?.string } == session, "\(text)")
  }

  @Test func systemIsFound() {
    for (text, wanted) in [
      (#"{"system":"be kind","messages":[]}"#, #""be kind""#),
      (#"{"system":[{"text":"a"}]}"#, #"[{"text":"a"}]"#),
      (#"{"input":"x","instructions":"y"}"#, #""y""#), (#"{"system":null}"#, ""), (#"{}"#, ""),
    ] {
      let (_, facts) = scanRequest(text)
      #expect(text.withByteView { facts.system(in: $0).string } == wanted)
    }
  }

  @Test func memberNamesAreExact() {
    for member in ChatRequestMember.allCases {
      let name = member.name.description
      let (_, facts) = scanRequest("{\"\(name)\":5}")
      #expect(facts[member].kind == .number, "\(name)")
      for other in [name + "x", "x" + name, name.uppercased(), String(name.dropLast()) + "_"] {
        let (outcome, facts) = scanRequest("{\"\(other)\":5}")
        let found = ChatRequestMember.allCases.contains { facts[$0].kind != .absent }
        #expect(outcome == .accepted && !found, "\(other)")
      }
    }
  }
}
