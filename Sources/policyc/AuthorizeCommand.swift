// SPDX-License-Identifier: MIT

import ArgumentParser
import CedarSchema
import CedarSyntax
import DecisionIR
import Foundation
import PolicyCompiler

struct AuthorizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "authorize",
    abstract: "Decides requests: one, or a file of them with one per line.",
    discussion: """
      Each entity of a request is either source text (`User::"alice"`) or {"type", "id"}. Answers \
      are JSON lines in order: {"decision", "reasons", "errors"}. For a single request the exit \
      code is 0 when it is allowed and 2 when it is denied; 1 means that it could not be decided.
      """)

  @OptionGroup var engine: EngineOptions

  @Option(help: "A request: {\"principal\", \"action\", \"resource\", \"context\"}.")
  var requestJson: String?

  @Option(help: "A file with one request per line; `-` for standard input.")
  var requests: String?

  @Option(name: [.customShort("l"), .long], help: "The principal, as source text.")
  var principal: String?

  @Option(name: [.customShort("a"), .long], help: "The action, as source text.")
  var action: String?

  @Option(name: [.customShort("r"), .long], help: "The resource, as source text.")
  var resource: String?

  @Option(name: [.customShort("c"), .long], help: "A file with the context.")
  var context: String?

  func validate() throws {
    let parts = [principal, action, resource].compactMap { $0 }.count
    let ways = (requestJson == nil ? 0 : 1) + (requests == nil ? 0 : 1) + (parts > 0 ? 1 : 0)
    guard ways == 1, parts == 0 || parts == 3 else {
      throw ValidationError(
        "give --request-json, or --requests, or --principal, --action and --resource")
    }
  }

  func run() throws {
    let (store, schema) = try engine.load()
    let evaluator = Evaluator(store: store)
    if let requests { return try runLines(requests, evaluator, schema) }
    let response = evaluator.authorize(try single(schema).encoded(for: store))
    Console.line(Answers.line(response, store.program))
    if response.decision == .deny { throw ExitCode(2) }
  }

  private func single(_ schema: Schema?) throws -> RequestData {
    if let requestJson {
      return try Files.data(requestJson) { try readRequest($0, schema: schema) }
    }
    var members: [CedarJSON.Member] = []
    for (key, value) in [
      ("principal", principal), ("action", action), ("resource", resource),
    ] {
      members.append(.init(key, .string(value ?? "")))
    }
    if let context {
      members.append(.init("context", try Files.data(context) { try CedarJSON(parsing: $0) }))
    }
    do {
      return try readRequest(json: .object(members), schema: schema)
    } catch {
      throw Console.fail("\(error)")
    }
  }

  /// Streams: memory does not grow with the file.
  private func runLines(_ path: String, _ evaluator: Evaluator, _ schema: Schema?) throws {
    guard let reader = LineReader(path: path) else {
      throw Console.fail("cannot read `\(path)`")
    }
    var output = ""
    var number = 0
    var problems = 0
    while let line = reader.next() {
      number += 1
      if line.allSatisfy(\.isWhitespace) { continue }
      do {
        let request = try readRequest(line, schema: schema).encoded(for: evaluator.store)
        output += Answers.line(evaluator.authorize(request), evaluator.store.program)
      } catch {
        problems += 1
        output += CedarJSON.members(("error", .string("line \(number): \(error)"))).text
      }
      output += "\n"
      if output.utf8.count > 1 << 16 {
        Console.out(output)
        output = ""
      }
    }
    Console.out(output)
    if problems > 0 {
      Console.error("policyc: \(problems) of \(number) requests could not be read")
      throw ExitCodes.findings
    }
  }
}

/// The JSON of answers.
enum Answers {
  static func line(_ response: AuthorizationResponse, _ program: Program) -> String {
    let reasons = response.reasons.map { CedarJSON.string(program.id(of: $0)) }
    let errors = response.errors.map { error in
      CedarJSON.members(
        ("policy", .string(program.id(of: error.policy))), ("message", .string(error.message)))
    }
    return CedarJSON.members(
      ("decision", .string(response.decision == .allow ? "allow" : "deny")),
      ("reasons", .array(reasons)), ("errors", .array(errors))
    ).text
  }
}

/// Reads a file line by line.
final class LineReader {
  /// Longest line accepted, in bytes.
  static let lineMax = 64 << 20
  private let handle: FileHandle
  private var buffer = Data()
  private var start = 0
  private var isAtEnd = false

  init?(path: String) {
    if path == "-" {
      handle = .standardInput
    } else if let opened = FileHandle(forReadingAtPath: path) {
      handle = opened
    } else {
      return nil
    }
  }

  func next() -> String? {
    while true {
      if let end = buffer[start...].firstIndex(of: UInt8(ascii: "\n")) {
        defer { start = end + 1 }
        return String(decoding: buffer[start..<end], as: UTF8.self)
      }
      if isAtEnd || buffer.count - start > Self.lineMax { break }
      buffer = Data(buffer[start...])
      start = 0
      let chunk = (try? handle.read(upToCount: 1 << 20)) ?? nil
      if let chunk, !chunk.isEmpty { buffer.append(chunk) } else { isAtEnd = true }
    }
    guard start < buffer.count else { return nil }
    defer { start = buffer.count }
    return String(decoding: buffer[start...], as: UTF8.self)
  }
}
