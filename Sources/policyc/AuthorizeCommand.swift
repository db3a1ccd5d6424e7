// SPDX-License-Identifier: MIT

import ArgumentParser
import CedarSchema
import CedarSyntax
import DecisionIR
import Foundation
import PolicyCompiler

struct AuthorizeCommand: ParsableCommand {
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case json
    case text
  }

  static let configuration = CommandConfiguration(
    commandName: "authorize",
    abstract: "Decides requests: one, or a file of them with one per line.",
    discussion: """
      Each entity of a request is either source text (`User::"alice"`) or {"type", "id"}. Answers \
      are JSON lines in order: {"decision", "reasons", "errors"}; with --format text a single \
      answer is ALLOW or DENY. The exit code of a single request is 0 when it is allowed and 2 \
      when it is denied; 1 means that it could not be decided, of --requests that some could not: \
      their lines have {"error"}.
      """)

  @OptionGroup var engine: EngineOptions
  @OptionGroup var request: RequestOptions

  @Option(
    help: "A file with one request per line; `-` for standard input.", completion: .file())
  var requests: String?

  @Option(
    help: """
      Whether a request that the schema does not allow is refused: true for a single request and \
      false for --requests unless said.
      """)
  var requestValidation: Bool?

  @Option(help: "json, or text for a single request.")
  var format = Format.json

  @Flag(name: .shortAndLong, help: "With --format text: the deciding policies and all errors.")
  var verbose = false

  @Flag(name: .shortAndLong, help: "Say on standard error how long the decision took.")
  var timing = false

  func validate() throws {
    guard (requests == nil) != request.isEmpty,
      request.requestJson != nil || requests != nil
        || request.partCount == 3
    else {
      throw ValidationError(
        "give --request-json, or --requests, or --principal, --action and --resource")
    }
    if requests == "-", engine.policies.policies.isEmpty || engine.policies.policies.contains("-") {
      throw ValidationError("standard input cannot be both policies and requests; give --policies")
    }
    if format == .text, requests != nil {
      throw ValidationError("--format text is for a single request")
    }
  }

  func run() throws {
    var isDenied = false
    try ReferenceExit.run {
      let (store, schema) = try engine.load()
      let evaluator = Evaluator(store: store)
      if let requests { return try runLines(requests, evaluator, schema) }
      let encoded = try request.read(schema, isValidated: requestValidation ?? true)
        .encoded(for: store)
      let clock = ContinuousClock()
      let start = clock.now
      let response = evaluator.authorize(encoded)
      if timing { Console.error("decided in \(clock.now - start)") }
      switch format {
      case .json: Console.line(Answers.line(response, store.program))
      case .text: Console.out(Answers.text(response, store.program, verbose: verbose))
      }
      isDenied = response.decision == .deny
    }
    if isDenied { throw ReferenceExit.deny }
  }

  /// Streams: memory does not grow with the file.
  private func runLines(_ path: String, _ evaluator: Evaluator, _ schema: Schema?) throws {
    let reader = try LineReader(path: path)
    var stream = RequestStream(
      evaluator: evaluator, schema: schema, isValidated: requestValidation ?? false)
    while reader.next({ stream.decide($0, isWhole: !reader.isInsideLongLine) }) != nil {}
    stream.finish()
    if stream.problemCount > 0 {
      Console.error(
        "policyc: \(stream.problemCount) of \(stream.requestCount) requests could not be read")
      throw ExitCodes.findings
    }
  }
}

/// Answers as text.
enum Answers {
  /// `ALLOW` or `DENY`, and with `verbose` the reasons and errors, as the reference shows them.
  static func text(
    _ response: AuthorizationResponse, _ program: Program, verbose: Bool
  ) -> String {
    var lines = [response.decision == .allow ? "ALLOW" : "DENY"]
    if verbose, response.reasons.isEmpty {
      lines += ["", "note: no policies applied to this request"]
    } else if verbose {
      lines += ["", "note: this decision was due to the following policies:"]
      lines += response.reasons.map { "  \(program.id(of: $0))" }
    }
    if verbose {
      lines += response.errors.map {
        "error while evaluating policy `\(program.id(of: $0.policy))`: \($0.message)"
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// One line of JSON.
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
