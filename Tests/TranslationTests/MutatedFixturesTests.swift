// SPDX-License-Identifier: MIT

import Bytes
import JSON
import Testing

@testable import Translation

/// Every request, answer and stream of the fixtures with something broken in it: what is written is
/// JSON all the same, and nothing traps. The same seeds each time; a round takes a second.
struct MutatedFixturesTests {
  private static let seeds: [UInt64] = [1, 2, 3]

  @Test(arguments: seeds)
  func requestsAreRefusedOrWritten(_ seed: UInt64) {
    var mutation = Mutation(seed)
    for client in Wires.clients {
      for (name, bytes) in Goldens.requests(of: "\(client.name)") {
        guard let root = try? JSONTree().parse(mutation.mutated(bytes)[...]),
          let request = try? client.readRequest(root)
        else { continue }
        for provider in Wires.providers {
          let translator = RequestTranslator(client: client, provider: provider)
          let target = GoldenTests.target(provider)
          if let counter = provider as? any TokenCountProviderWire.Type {
            let asked = try? TokenCount.translate(
              request, client: client, provider: counter, to: target)
            #expect(asked.map { isJSON($0.body) } ?? true, "\(client.name) \(name), \(seed)")
          }
          guard let written = try? translator.translate(request, to: target) else { continue }
          #expect(isJSON(written.body), "\(client.name) \(name) to \(provider.name), \(seed)")
        }
        #expect(TokenCountEstimate.inputTokens(of: request) > 0)
      }
    }
  }

  @Test(arguments: seeds)
  func answersAreRefusedOrWritten(_ seed: UInt64) {
    var mutation = Mutation(seed)
    for provider in Wires.providers {
      for (name, bytes) in Goldens.answers(of: "\(provider.name)") {
        let mutated = mutation.mutated(bytes)
        let error = mutated.withView {
          provider.readError(status: 400, headers: ErrorHeaders(), body: $0)
        }
        let root = try? JSONTree().parse(mutated[...])
        let answer = root.flatMap { try? provider.readResponse($0) }
        for client in Wires.clients {
          let place: Comment = "\(provider.name) \(name) for \(client.name), \(seed)"
          #expect(isJSON(client.writeError(error, Goldens.context)), place)
          guard let answer else { continue }
          #expect(isJSON(client.writeResponse(answer, Goldens.context)), place)
        }
      }
    }
  }

  @Test(arguments: seeds)
  func streamsEndOrFail(_ seed: UInt64) {
    var mutation = Mutation(seed)
    for provider in Wires.providers {
      for (name, bytes) in Goldens.streams(of: "\(provider.name)") {
        let mutated = mutation.mutated(bytes)
        for client in Wires.clients {
          let run = StreamRun(mutated, provider, client)
          let place: Comment = "\(provider.name) \(name) for \(client.name), \(seed)"
          #expect(run.isComplete != run.hasFailed, place)
        }
      }
    }
  }

  /// What is nested as deeply as may be read may stand deeper in another API, whose server then
  /// says so itself.
  private func isJSON(_ bytes: [UInt8]) -> Bool {
    do throws(JSONError) {
      _ = try JSONTree().parse(bytes[...])
      return true
    } catch { return error.reason == .depthExceeded }
  }
}

/// Changes a few bytes, or puts a JSON value in another's place.
private struct Mutation {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  private static let values = [
    "null", "true", "-1", "9223372036854775807", "-9223372036854775808", "1e400", "0.5", #""""#,
    #""x""#, #""\u0000""#, "[]", "[[]]", "{}", #"{"type":null}"#,
    String(repeating: "[", count: 120) + String(repeating: "]", count: 120),
    #""\#(String(repeating: "[", count: 126))1\#(String(repeating: "]", count: 126))""#,
    String(repeating: #"{"a":"#, count: 118) + "{}" + String(repeating: "}", count: 118),
  ].map { Array($0.utf8) }

  private mutating func number(below limit: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % limit
  }

  mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for _ in 0...number(below: 3) where !bytes.isEmpty {
      let index = number(below: bytes.count)
      switch number(below: 6) {
      case 0: bytes[index] = UInt8(number(below: 256))
      case 1: bytes.remove(at: index)
      default: replaceValue(after: index, in: &bytes)
      }
    }
    return bytes
  }

  private mutating func replaceValue(after index: Int, in bytes: inout [UInt8]) {
    let value = Self.values[number(below: Self.values.count)]
    let opening: [UInt8] = [0x3a, 0x5b]
    guard let start = bytes[index...].firstIndex(where: opening.contains) else { return }
    var end = start + 1
    var depth = 0
    var isInString = false
    scan: while end < bytes.count {
      switch bytes[end] {
      case 0x5c: end += 1
      case 0x22: isInString.toggle()
      case _ where isInString: break
      case 0x7b, 0x5b: depth += 1
      case 0x7d, 0x5d:
        if depth == 0 { break scan }
        depth -= 1
      case 0x2c where depth == 0: break scan
      default: break
      }
      end += 1
    }
    bytes.replaceSubrange((start + 1)..<min(end, bytes.count), with: value)
  }
}
