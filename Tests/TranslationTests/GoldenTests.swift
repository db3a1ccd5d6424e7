// SPDX-License-Identifier: MIT

import Bytes
import JSON
import Testing

@testable import Translation

/// Each client's requests to each provider, and each provider's answers and streams to each client,
/// against goldens.
struct GoldenTests {
  @Test func requestsBecomeTheProvidersOwn() throws {
    for client in Wires.clients {
      let requests = Goldens.requests(of: "\(client.name)")
      for provider in Wires.providers {
        let sections = requests.map { ($0.name, Self.written($0.bytes, client, provider)) }
        try Goldens.check(sections, "requests/\(client.name)-to-\(provider.name).txt")
      }
    }
  }

  @Test func answersBecomeTheClientsOwn() throws {
    for provider in Wires.providers {
      let answers = Goldens.answers(of: "\(provider.name)")
      for client in Wires.clients {
        let sections = answers.map { ($0.name, Self.answered($0.bytes, $0.name, provider, client)) }
        try Goldens.check(sections, "answers/\(provider.name)-for-\(client.name).txt")
      }
    }
  }

  @Test func streamsBecomeTheClientsOwn() throws {
    for provider in Wires.providers {
      let streams = Goldens.streams(of: "\(provider.name)")
      for client in Wires.clients {
        var sections: [(String, String)] = []
        for (name, bytes) in streams {
          let whole = StreamRun(bytes, provider, client)
          sections.append((name, whole.text))
          for size in [1, 7] {
            let split = StreamRun(bytes, inPiecesOf: size, provider, client)
            #expect(split.text == whole.text, "\(provider.name) \(name) in pieces of \(size)")
          }
        }
        try Goldens.check(sections, "streams/\(provider.name)-for-\(client.name).txt")
      }
    }
  }

  /// Wherever a stream is cut, the client's stream does not end well.
  @Test func aCutStreamNeverEndsWell() throws {
    for provider in Wires.providers {
      for (name, bytes) in Goldens.streams(of: "\(provider.name)") {
        for client in Wires.clients {
          let whole = StreamRun(bytes, provider, client)
          guard whole.isComplete else { continue }
          StreamRun.eachCut(of: bytes, provider, client) { length, cut in
            // What follows the provider's own end is not needed; Bedrock tells the usage there.
            if cut.isComplete, cut.hasUsage == whole.hasUsage {
              #expect(cut.output == whole.output, "\(name) cut at \(length)")
            }
            #expect(
              cut.isComplete || cut.hasFailed,
              "\(provider.name) \(name) for \(client.name) cut at \(length)")
          }
        }
      }
    }
  }

  static func target(
    _ provider: any ProviderWire.Type, model: String? = nil,
    dialect: UpstreamModel.Dialect = .plain
  ) -> UpstreamModel {
    let name = model ?? models["\(provider.name)"] ?? "upstream-model"
    return UpstreamModel(
      name: name, traits: provider.traits(of: name), maximumOutputTokens: 4_096, dialect: dialect)
  }

  /// Models of providers whose requests depend on what the name says.
  private static let models = [
    "anthropic": "claude-opus-4-6", "bedrock": "us.anthropic.claude-sonnet-4-20250514-v1:0",
  ]

  static func written(
    _ bytes: [UInt8], _ client: any ClientWire.Type, _ provider: any ProviderWire.Type,
    to target: UpstreamModel? = nil
  ) -> String {
    let translator = RequestTranslator(client: client, provider: provider)
    do {
      let translated = try translator.translate(bytes[...], to: target ?? Self.target(provider))
      var text = "POST \(translated.path)\n"
      for field in translated.headerFields { text += "\(field.name): \(field.value)\n" }
      for loss in translated.losses.losses {
        text += "\(loss.isApproximated ? "approximated" : "dropped"): "
        text += "\(loss.parameter) (\(loss.note))\n"
      }
      return text + "\n" + pretty(translated.body)
    } catch {
      return "\(error.kind): \(error.message)\n"
    }
  }

  private static func answered(
    _ bytes: [UInt8], _ name: String, _ provider: any ProviderWire.Type,
    _ client: any ClientWire.Type
  ) -> String {
    if let status = name.split(separator: ".").last.flatMap({ UInt16($0) }) {
      let error = bytes.withView { provider.readError(status: status, headers: .init(), body: $0) }
      return "\(error.kind) \(error.status)\n"
        + pretty(client.writeError(error, Goldens.context))
    }
    do {
      let root = try JSONTree().parse(bytes[...])
      let response = try provider.readResponse(root)
      if Wires.mendsAnswers(of: provider, for: client) {
        return pretty(OpenAIAnswerMender.mended(root))
      }
      return pretty(client.writeResponse(response, Goldens.context))
    } catch let error as TranslationError {
      return "\(error.kind): \(error.message)\n"
    } catch {
      return "\(error)\n"
    }
  }

  /// Indented, so that a difference shows the member.
  static func pretty(_ bytes: [UInt8]) -> String {
    guard let root = try? JSONTree().parse(bytes[...]) else {
      return "NOT JSON: \(String(decoding: bytes, as: UTF8.self))\n"
    }
    var text = ""
    append(root, indent: "", to: &text)
    return text + "\n"
  }

  private static func append(_ node: JSONNode, indent: String, to text: inout String) {
    func put(_ open: String, _ close: String, _ items: [(String, JSONNode)]) {
      guard !items.isEmpty else { return text += open + close }
      text += open
      for (index, item) in items.enumerated() {
        text += (index > 0 ? ",\n" : "\n") + indent + "  " + item.0
        append(item.1, indent: indent + "  ", to: &text)
      }
      text += "\n" + indent + close
    }
    switch node.kind {
    case .object:
      put(
        "{", "}",
        node.members.map { ("\"\(String(decoding: $0.name.escaped, as: UTF8.self))\": ", $0.value) }
      )
    case .array: put("[", "]", node.elements.map { ("", $0) })
    default: text += String(decoding: node.fragment.bytes, as: UTF8.self)
    }
  }
}

/// One translation of a provider's stream.
struct StreamRun {
  var output: [UInt8] = []
  var isComplete = false
  var hasFailed = false
  var hasUsage = false
  var text = ""

  init(
    _ bytes: [UInt8], inPiecesOf size: Int = 0, _ provider: any ProviderWire.Type,
    _ client: any ClientWire.Type
  ) {
    var translator = Self.translator(provider, client)
    let step = size > 0 ? size : max(bytes.count, 1)
    do throws(TranslationError) {
      var index = 0
      while index < bytes.count {
        let piece = Array(bytes[index..<min(index + step, bytes.count)])
        index += step
        try Self.feed(piece, &translator, &output)
      }
      end(&translator)
    } catch {
      fail(ProviderError(.server, error.message), &translator)
    }
    text = Self.describe(output, client)
    if let usage = translator.progress.usage {
      text += "\nusage: in \(usage.inputTokens) (read \(usage.cacheReadTokens), written "
      text += "\(usage.cacheWriteTokens)), out \(usage.outputTokens) "
      text += "(reasoning \(usage.reasoningTokens))\n"
    }
  }

  private init(output: [UInt8]) { self.output = output }

  /// What a client gets of each beginning of a stream. The translator is a value: a copy of it
  /// meets the end, so that nothing is fed twice.
  static func eachCut(
    of bytes: [UInt8], _ provider: any ProviderWire.Type, _ client: any ClientWire.Type,
    _ body: (Int, StreamRun) -> Void
  ) {
    var translator = translator(provider, client)
    var output: [UInt8] = []
    for length in bytes.indices {
      var cut = StreamRun(output: output)
      var copy = translator
      cut.end(&copy)
      body(length, cut)
      do throws(TranslationError) {
        try feed([bytes[length]], &translator, &output)
      } catch {
        return
      }
    }
  }

  private static func translator(
    _ provider: any ProviderWire.Type, _ client: any ClientWire.Type
  ) -> StreamTranslator {
    let encoder = client.makeStreamEncoder(Goldens.context)
    if Wires.mendsAnswers(of: provider, for: client) {
      return StreamTranslator(mendsFor: Goldens.context, encoder: encoder)
    }
    return StreamTranslator(
      decoder: provider.makeStreamDecoder(), framing: provider.framing, encoder: encoder)
  }

  private mutating func end(_ translator: inout StreamTranslator) {
    do throws(TranslationError) {
      try translator.end(into: &output)
      isComplete = translator.progress.isComplete
      if let failure = translator.progress.failure { fail(failure, &translator) }
    } catch {
      fail(ProviderError(.server, error.message), &translator)
    }
    hasUsage = translator.progress.usage != nil
  }

  private static func feed(
    _ piece: [UInt8], _ translator: inout StreamTranslator, _ output: inout [UInt8]
  ) throws(TranslationError) {
    let result: Result<Void, TranslationError> = piece.withView { view in
      do throws(TranslationError) {
        return .success(try translator.feed(view, into: &output))
      } catch { return .failure(error) }
    }
    try result.get()
  }

  private mutating func fail(_ error: ProviderError, _ translator: inout StreamTranslator) {
    hasFailed = true
    translator.fail(error, into: &output)
  }

  /// Text as it is; binary messages as a line each.
  private static func describe(_ output: [UInt8], _ client: any ClientWire.Type) -> String {
    guard "\(client.streamContentType)".contains("amazon") else {
      return String(decoding: output, as: UTF8.self)
    }
    var lines = FrameLines()
    var reader = FrameReader(.amazonEventStream)
    output.withView { view in
      do throws(TranslationError) {
        try reader.feed(view, to: &lines)
      } catch { lines.text += "BROKEN \(error.message)\n" }
    }
    return lines.text
  }
}

/// Each frame as a line.
private struct FrameLines: FrameSink {
  var text = ""

  mutating func take(_ frame: StreamFrame) {
    text += (frame.isException ? "!" : "") + frame.name.string + " " + frame.data.string + "\n"
  }
}
