// SPDX-License-Identifier: MIT

import Bytes
import HTTPWire
import TestSupport
import Testing

/// Heads that resemble each other, drawn by seed: the same lines with a value changed, a line left
/// out, doubled, moved, damaged or in other case.
private struct HeadGenerator {
  var random: SeededGenerator
  let start: [String]
  let lines: [String]

  /// The same line with other digits in its value, and so of the same length.
  private mutating func withOtherDigits(_ line: String) -> String {
    guard let colon = line.firstIndex(of: ":") else { return line }
    let value = line[colon...].map { character in
      character.isNumber ? Character(String(Int.random(in: 0...9, using: &random))) : character
    }
    return line[..<colon] + String(value)
  }

  mutating func head() -> [UInt8] {
    var lines = lines
    let changes = Int.random(in: 0...2, using: &random)
    for _ in 0..<changes {
      let place = Int.random(in: 0..<lines.count, using: &random)
      switch Int.random(in: 0..<16, using: &random) {
      case 0: lines.remove(at: place)
      case 1: lines.insert(lines[place], at: place)
      case 2: lines.swapAt(place, Int.random(in: 0..<lines.count, using: &random))
      case 3: lines[place] = lines[place].uppercased()
      case 4: lines[place] += "x"
      case 5: lines[place] = "x-new: " + String(repeating: "y", count: place * 9)
      case 6: lines[place] = lines[place].replacing("-", with: "_")
      case 7: lines[place] = lines[place].replacing(": ", with: ":  ") + " "
      case 8: lines[place] = lines[place].replacing(":", with: "")
      case 9: lines[place] = String(lines[place].dropLast()) + "f"
      case 10: lines[place] = String(lines[place].dropLast()) + " "
      default: lines[place] = withOtherDigits(lines[place])
      }
      if lines.count < 3 { lines += ["host: again", "a: b", "c: d"] }
    }
    let start = start[Int.random(in: 0..<start.count, using: &random)]
    var text = start + "\r\n" + lines.map { $0 + "\r\n" }.joined() + "\r\n"
    if Int.random(in: 0..<12, using: &random) == 0 { text.removeLast(1) }
    let body = String(repeating: "b", count: Int.random(in: 0...90, using: &random))
    return bytes(text + body)
  }
}

@Suite struct HeadMemoTests {
  /// What a table answers, for every known header.
  private func describe(_ table: HeaderTable) -> String {
    let fields = (0..<table.count).map { index in
      let field = table[index]
      return "\(field.name) \(field.known) \(field.value) \(field.spaceBeforeColon)"
    }
    let index = KnownHeader.allCases.map { "\(table.firstIndex(of: $0) ?? -1)" }
    return fields.joined(separator: ";") + " | " + index.joined(separator: ",")
  }

  private func withMemory(_ body: (UnsafeMutablePointer<UInt8>) -> Void) {
    let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: 4096)
    defer { memory.deallocate() }
    body(memory)
  }

  @Test func requestsParseAsWithoutTheMemo() {
    var generator = HeadGenerator(
      random: SeededGenerator(seed: 7),
      start: ["POST /v1/chat/completions HTTP/1.1", "GET /?a HTTP/1.1", "POST  / HTTP/1.1"],
      lines: [
        "Host: 127.0.0.1:9000", "Content-Type: application/json", "Accept: application/json",
        "User-Agent: AsyncOpenAI/Python 1.99.1", "X-Stainless-Retry-Count: 0",
        "Authorization: Bearer sk-0123456789012345678901234567890123456789012345678901234567890",
        "Content-Length: 12", "Connection: keep-alive",
      ])
    var same = 0
    withMemory { memory in
      var memo = HeadMemo(memory: memory, head: RequestHead())
      withTable { table in
        for _ in 0..<6_000 {
          let head = generator.head()
          let generation = memo.generation
          let (helped, helpedFields) = withBytes(head) { view in
            var parser = RequestHeadParser()
            let result = parser.parse(view, limits: HeadLimits(), table: &table, memo: &memo)
            return ("\(result)", describe(table))
          }
          if memo.generation == generation { same += 1 }
          withTable { plain in
            withBytes(head) { view in
              var parser = RequestHeadParser()
              let result = parser.parse(view, limits: HeadLimits(), table: &plain)
              #expect(helped == "\(result)")
              guard case .complete = result else { return }
              #expect(helpedFields == describe(plain))
            }
          }
        }
      }
    }
    #expect(same > 100, "few heads repeated the one before: \(same)")
  }

  @Test func responsesParseAsWithoutTheMemo() {
    var generator = HeadGenerator(
      random: SeededGenerator(seed: 8),
      start: ["HTTP/1.1 200 OK", "HTTP/1.1 429 Too Many Requests", "HTTP/1.0 200"],
      lines: [
        "Date: Thu, 26 Nov 2026 10:00:00 GMT", "Content-Type: application/json",
        "Transfer-Encoding: chunked", "x-request-id: req_0123456789", "server: cloudflare",
        "x-ratelimit-remaining-requests: 9999", "set-cookie: a=b", "Connection: close",
      ])
    withMemory { memory in
      var memo = HeadMemo(memory: memory, head: ResponseHead())
      withTable { table in
        for _ in 0..<6_000 {
          let head = generator.head()
          let (helped, helpedFields) = withBytes(head) { view in
            var parser = ResponseHeadParser()
            let result = parser.parse(view, limits: HeadLimits(), table: &table, memo: &memo)
            return ("\(result)", describe(table))
          }
          withTable { plain in
            withBytes(head) { view in
              var parser = ResponseHeadParser()
              let result = parser.parse(
                view, isHeadRequest: false, limits: HeadLimits(), table: &plain)
              #expect(helped == "\(result)")
              guard case .complete = result else { return }
              #expect(helpedFields == describe(plain))
            }
          }
        }
      }
    }
  }

  @Test func whatWasDerivedFromAHeadIsGoodForThatHeadOnly() {
    withMemory { memory in
      var memo = HeadMemo(memory: memory, head: RequestHead())
      func generation(_ text: String, _ table: inout HeaderTable) -> UInt64 {
        withBytes(bytes(text)) { view in
          var parser = RequestHeadParser()
          _ = parser.parse(view, limits: HeadLimits(), table: &table, memo: &memo)
          return memo.generation
        }
      }
      withTable { table in
        let one = "GET / HTTP/1.1\r\nhost: a\r\nauthorization: Bearer one\r\n\r\n"
        let other = "GET / HTTP/1.1\r\nhost: a\r\nauthorization: Bearer two\r\n\r\n"
        let first = generation(one, &table)
        #expect(generation(one, &table) == first)
        let second = generation(other, &table)
        #expect(second != first)
        let third = generation(one, &table)
        #expect(third != first && third != second)
        // A head that was refused, or that is too long to remember, is never taken for another.
        let broken = generation("GET / HTTP/1.1\r\nbroken\r\n\r\n", &table)
        #expect(broken != third && generation(one, &table) != broken)
        let long = "GET / HTTP/1.1\r\nhost: a\r\nx: \(String(repeating: "y", count: 5_000))\r\n\r\n"
        let fourth = generation(long, &table)
        #expect(generation(long, &table) != fourth)
      }
    }
  }
}
