// SPDX-License-Identifier: MIT

import ArgumentParser
import Glibc
import JSON
import Translation

/// `gateway translate`: what a request becomes on its way to another API. Nothing is sent.
struct TranslateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "translate",
    abstract: "Show what a request becomes for a provider, and what is lost. Sends nothing.",
    discussion: """
      Prints the provider's request on standard output and the losses on standard error; \
      docs/reference/translation.md has the tables behind them. Where both speak one API the \
      request passes as it is, which is said. Exits with 1 where the request cannot be translated.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

  private static let clientNames = Wires.clients.map { "\($0.name)" }.joined(separator: ", ")
  private static let providerNames =
    Wires.providers.map { "\($0.name)" }.joined(separator: ", ") + ", vertex"

  @Option(help: ArgumentHelp("The request's API: \(clientNames)."))
  var from = "openai"

  @Option(help: ArgumentHelp("The provider's API: \(providerNames)."))
  var to: String

  @Option(help: "The provider's name for the model. Default: as the request says.")
  var model: String?

  @Option(help: "Most tokens of an answer, where the provider wants a number and none is given.")
  var maximumOutputTokens: Int64?

  @Flag(help: "Refuse what the provider does not have instead of dropping it.")
  var refuse = false

  @Option(help: "text: request, then losses. json: one object with path, headers, body, losses.")
  var format = Format.text

  @Argument(help: "A file with the request's body; - for standard input.")
  var file: String

  func validate() throws {
    if Wires.client(named: from) == nil {
      throw ValidationError("--from does not know `\(from)`. It is one of: \(Self.clientNames).")
    }
    if provider("") == nil {
      throw ValidationError("--to does not know `\(to)`. It is one of: \(Self.providerNames).")
    }
  }

  func run() throws {
    guard let client = Wires.client(named: from) else { throw ExitCode(2) }
    guard let body = Self.read(file) else {
      Self.write("translate: cannot read \(file): \(String(cString: strerror(errno)))\n", 2)
      throw ExitCode(2)
    }
    do throws(TranslationError) {
      let root = try Self.parse(body)
      let request = try client.readRequest(root)
      let name = model ?? (request.model.isEmpty ? "MODEL" : request.model.plain)
      guard let provider = provider(name) else { return }
      let target = UpstreamModel(
        name: name, traits: provider.traits(of: name), maximumOutputTokens: maximumOutputTokens,
        dialect: to == "vertex" ? .vertex : .plain, unsupported: refuse ? .refuse : .drop)
      let passed = PassedRequest.make(root, request, from: client, to: provider, target)
      var made: TranslatedRequest
      if let passed {
        made = passed
      } else {
        made = try RequestTranslator(client: client, provider: provider)
          .translate(request, to: target)
      }
      // Google's cloud has the models of others behind OpenAI's API at a place of its own.
      if to == "vertex", provider == OpenAICompatibleChat.self {
        made.path = "/endpoints/openapi" + made.path
      }
      let passes = passed != nil
      format == .json ? printJSON(made, passes: passes) : printText(made, passes: passes)
    } catch {
      let place = error.parameter.map { " (at `\($0)`)" } ?? ""
      Self.write("translate: \(error.message)\(place)\n", 2)
      throw ExitCode(1)
    }
  }

  /// Google's cloud serves models of others by their own APIs.
  private func provider(_ model: String) -> (any ProviderWire.Type)? {
    guard to == "vertex" else { return Wires.provider(named: to) }
    if model.hasPrefix("claude") { return AnthropicMessages.self }
    return model.contains("/") ? OpenAICompatibleChat.self : Gemini.self
  }

  private static func parse(_ body: [UInt8]) throws(TranslationError) -> JSONNode {
    do throws(JSONError) {
      return try JSONTree().parse(body[...])
    } catch {
      throw TranslationError(.invalidRequest, "\(error.sentence) (at byte \(error.offset))")
    }
  }

  // MARK: Output

  private func printText(_ request: TranslatedRequest, passes: Bool) {
    var text = "POST \(request.path)\n"
    for field in request.headerFields { text += "\(field.name): \(field.value)\n" }
    Self.write(text + "\n" + String(decoding: request.body, as: UTF8.self) + "\n", 1)
    for loss in request.losses.losses {
      let word = loss.isApproximated ? "approximated" : "dropped"
      Self.write("\(word): \(loss.parameter): \(loss.note)\n", 2)
    }
    if passes {
      let what = request.losses.losses.isEmpty ? "it" : "all else"
      Self.write("\(what) passes as it is: client and provider speak one API\n", 2)
    } else if request.losses.losses.isEmpty {
      Self.write("nothing is lost\n", 2)
    }
  }

  private func printJSON(_ request: TranslatedRequest, passes: Bool) {
    var json = JSONBuilder()
    json.object { json in
      json.member("path", string: request.path)
      json.object("headers") { json in
        for field in request.headerFields { json.member(field.name, string: field.value) }
      }
      json.member("body", JSONFragment(validated: request.body[...]))
      json.member("passes", bool: passes)
      json.array("losses") { json in
        for loss in request.losses.losses {
          json.object {
            $0.member("parameter", string: loss.parameter)
            $0.member("kind", literal: loss.isApproximated ? "approximated" : "dropped")
            $0.member("note", string: loss.note)
          }
        }
      }
    }
    Self.write(String(decoding: json.finish(), as: UTF8.self) + "\n", 1)
  }

  // MARK: Files

  private static func write(_ text: String, _ descriptor: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return }
      bytes = bytes.dropFirst(count)
    }
  }

  private static func read(_ path: String) -> [UInt8]? {
    let descriptor = path == "-" ? 0 : open(path, O_RDONLY)
    guard descriptor >= 0 else { return nil }
    defer { if descriptor > 0 { close(descriptor) } }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = piece.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { return nil }
      if count == 0 { return bytes }
      bytes += piece[..<count]
    }
  }
}
