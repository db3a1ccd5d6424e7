// SPDX-License-Identifier: MIT

import Clocks
import FakeProviders

/// What a server says to a request at its nth attempt, drawn from the seed: the words are found
/// nowhere else in the run, so that every byte a client gets can be traced to its attempt.
struct AnswerScript {
  var text: String
  let expected: Answer

  init(seed: UInt64, request: RequestPlan, attempt: Int) {
    var random = RandomSource(
      seed: seed &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(request.number << 8 | attempt))
    let isLong = random.next(below: 40) == 0
    let count = isLong ? 3_000 : 1 + Int(random.next(below: 30))
    var words = "a\(request.number).\(attempt)"
    for index in 0..<count {
      words += " " + Self.pieces[Int(random.next(below: UInt32(Self.pieces.count)))] + "\(index)"
    }
    var answer = Answer()
    answer.text = words
    answer.ending = "stop"
    var pairs: [String] = []
    if request.hasTools, random.next(below: 2) == 0 {
      let calls = 1 + Int(random.next(below: 2))
      pairs.append("before=" + Self.encoded(words))
      for index in 0..<calls {
        let arguments = "{\"city\":\"\(request.tag)\(index) Zürich \\u00e9\"}"
        pairs.append("call=" + Self.encoded("get_weather:" + arguments))
        answer.calls.append(Answer.Call(name: "get_weather", arguments: arguments))
      }
      answer.ending = "tool_calls"
    } else {
      pairs.append("text=" + Self.encoded(words))
    }
    pairs.append("chunk_tokens=\(isLong ? 50 : 1 + Int(random.next(below: 5)))")
    if !isLong, random.next(below: 2) == 0 {
      pairs.append("chunk_delay_ms=\([1, 20, 60][Int(random.next(below: 3))])")
    }
    if random.next(below: 3) == 0 { pairs.append("delay_ms=\(random.next(below: 500))") }
    let forms = [
      "sse_crlf", "sse_comments", "sse_no_space", "sse_multiline", "interim", "close", "eof",
      "split_bytes=7", "no_usage", "cached_tokens=3", "reasoning_tokens=4",
    ]
    if random.next(below: 3) == 0 {
      pairs.append(forms[Int(random.next(below: UInt32(forms.count)))])
    }
    text = pairs.joined(separator: ",")
    expected = answer
  }

  private static let pieces = [
    "word", "ünïcode", "\"quoted\"", "back\\slash", "new\nline", "tab\t", "emoji😀", "plain",
    "<tag>", "data:", "[DONE]", "null", "a,b=c%",
  ]

  /// Percent-encoded but for letters and digits.
  private static func encoded(_ text: String) -> String {
    var result = ""
    for byte in text.utf8 {
      if (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) {
        result.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        result += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
      }
    }
    return result
  }

  /// As the fake provider takes it.
  static func script(_ text: String) -> Script {
    var script = Script()
    do {
      try script.apply(user: "script:" + text)
    } catch {
      preconditionFailure("the plan has a script that cannot be read: \(error)")
    }
    return script
  }
}
