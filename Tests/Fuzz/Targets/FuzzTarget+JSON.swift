// SPDX-License-Identifier: MIT

import Bytes
import JSON

private let jsonWords = [
  "{", "}", "[", "]", ":", ",", "\"", "\\", "null", "true", "false", "-0.5e+10", "\"model\":\"m\"",
  "\"stream\":true", "\"stream_options\":{\"include_usage\":true}", "\"include_usage\"",
  "\"max_tokens\":5", "\"max_completion_tokens\":", "\"messages\":[{\"role\":\"user\"}]",
  "\"image_url\":", "\"type\":\"input_image\"", "\\ud83d\\ude00", "\\u00e9", "\\ud800", "é", "中",
  "😀", "\"usage\":{\"prompt_tokens\":1}", "\"choices\":[]", "\"error\":{\"message\":\"m\"}",
  "\"finish_reason\":\"stop\"", "\"finish_reason\":null", "\"mod\\u0065l\"", "[[[[[[[[", "{\"a\":",
]

extension FuzzTarget {
  /// The request scanner accepts what a plain validator accepts, and a patched request is a valid
  /// request that says what was asked.
  static let chatRequest = FuzzTarget(name: "chat-request", dictionary: jsonWords) { input in
    try withView(input) { view in
      var facts = ChatRequestFacts()
      let failure = scan(view, &facts)
      let isExpected = JSONReference.accepts(input, depthMax: JSONLimits.depthMax)
      try require(
        (failure == nil) == isExpected, "accepted: \(isExpected); found: \(failure as Any)")
      if let failure {
        try require(Int(failure.offset) <= view.count, "an offset outside the text")
        return
      }
      try checkSpans(facts, view)
      try checkPatch(facts, input, view)
    }
  }

  /// The response scanner judges validity as a plain validator does, and what is called a plain
  /// chunk holds nothing that a scan finds.
  static let upstreamAnswer = FuzzTarget(name: "upstream-answer", dictionary: jsonWords) { input in
    try withView(input) { view in
      var facts = ResponseFacts()
      ResponseScanner.scan(view, into: &facts)
      let isExpected = JSONReference.accepts(input, depthMax: JSONLimits.depthMax)
      try require(facts.isValid == isExpected, "valid: \(isExpected); found: \(facts.failure)")
      for span in [
        facts.id, facts.model, facts.error, facts.choices, facts.finishReason, facts.message,
        facts.usageSpan,
      ] {
        try require(span.range.upperBound <= view.count, "a span outside the text")
      }
      let usage = ResponseScanner.usage(in: view)
      // Where `usage` occurs once and all is valid, the quick look finds what the scan finds.
      if facts.isValid && facts.hasUsage && occurrences(of: "\"usage\"", in: input) == 1 {
        try require(usage == facts.usage, "usage \(facts.usage), found \(usage as Any)")
      }
      guard facts.isValid, ResponseScanner.isPlainChunk(view) else { return }
      // A name written with escapes is the one thing a search for the name cannot see.
      guard !input.contains(UInt8(ascii: "\\")) else { return }
      try require(
        !facts.hasUsage && facts.error.kind == .absent && facts.finishReason.kind == .absent,
        "a plain chunk with something in it")
    }
  }
}

private func occurrences(of word: String, in input: [UInt8]) -> Int {
  let word = Array(word.utf8)
  guard input.count >= word.count else { return 0 }
  return (0...(input.count - word.count)).count { input[$0...].starts(with: word) }
}

private func scan(_ view: ByteView, _ facts: inout ChatRequestFacts) -> JSONError? {
  do throws(JSONError) {
    try ChatRequestScanner.scan(view, into: &facts)
    return nil
  } catch {
    return error
  }
}

private func checkSpans(_ facts: ChatRequestFacts, _ view: ByteView) throws {
  for member in ChatRequestMember.allCases {
    let span = facts[member]
    guard span.kind != .absent else { continue }
    let isInside =
      span.range.lowerBound > Int(facts.objectStart)
      && span.range.upperBound < Int(facts.objectEnd) && !span.range.isEmpty
    try require(isInside, "\(member) outside the object")
    let first = view[span.range.lowerBound]
    try require((span.kind == .string) == (first == 0x22), "\(member) of the wrong kind")
    try require((span.kind == .object) == (first == 0x7b), "\(member) of the wrong kind")
    try require((span.kind == .array) == (first == 0x5b), "\(member) of the wrong kind")
  }
}

private func checkPatch(_ facts: ChatRequestFacts, _ input: [UInt8], _ view: ByteView) throws {
  let storage = UnsafeMutablePointer<UInt8>.allocate(capacity: 256)
  defer { storage.deallocate() }
  var scratch = ByteWriter(base: storage, capacity: 256)
  var patch = JSONPatch()
  let isModelSet = "new \"model\"".withByteView {
    patch.setModel(facts, to: $0, scratch: &scratch)
  }
  let isUsageAsked = patch.askForUsage(facts, scratch: &scratch)
  let isCapSet = patch.setMaxTokens(facts, to: 12_345, scratch: &scratch)
  try require(isUsageAsked, "usage cannot be asked for")
  try require(isCapSet || facts.isEmpty, "the cap cannot be set")
  try require(isModelSet == (facts.model.kind == .string), "the model was not set")
  var patched: [UInt8] = []
  var segments = patch.segments(body: view, scratch: scratch.written)
  while let segment = segments.next() {
    for index in 0..<segment.count { patched.append(segment[index]) }
  }
  try require(patched.count == patch.patchedCount(bodyCount: input.count), "a wrong length")
  try withView(patched) { patchedView in
    var newFacts = ChatRequestFacts()
    let failure = scan(patchedView, &newFacts)
    try require(failure == nil, "the patched text is not JSON: \(failure as Any)")
    try require(newFacts.wantsUsage, "the patched text does not ask for usage")
    if isModelSet {
      let model = patchedView[newFacts.model.range].string
      try require(model == "\"new \\\"model\\\"\"", "the patched model is \(model)")
    }
    if isCapSet {
      let cap =
        facts.maxCompletionTokens.isPresent
        ? newFacts.maxCompletionTokens : newFacts.maxTokens
      try require(cap.integer(in: patchedView) == 12_345, "the patched cap is another")
    }
  }
}
