// SPDX-License-Identifier: MIT

import CedarSchema
import CedarSyntax
import DecisionIR
import Foundation
import PolicyCompiler

/// Decides requests given as JSON lines and writes the answers in order.
struct RequestStream {
  private static let outputMax = 1 << 16

  private let evaluator: Evaluator
  private let decoder: RequestDecoder
  private let schema: Schema?
  private let isValidated: Bool
  /// The ids of the policies as JSON strings, as far as they were needed.
  private var ids: [[UInt8]?]
  private var output: [UInt8] = []
  private(set) var lineCount = 0
  /// Lines that are not blank.
  private(set) var requestCount = 0
  private(set) var problemCount = 0

  /// - Parameter isValidated: whether requests must be ones that the schema allows.
  init(evaluator: Evaluator, schema: Schema?, isValidated: Bool) {
    self.evaluator = evaluator
    self.isValidated = isValidated
    self.schema = schema
    decoder = RequestDecoder(
      store: evaluator.store, rules: schema?.requestRules, isValidated: isValidated)
    ids = [[UInt8]?](repeating: nil, count: evaluator.store.program.policyCount)
    output.reserveCapacity(2 * Self.outputMax)
  }

  /// Decides one line; blank lines have no answer.
  ///
  /// - Parameter isWhole: false for the beginning of a line that is too long.
  mutating func decide(_ line: UnsafeRawBufferPointer, isWhole: Bool) {
    lineCount += 1
    if isWhole, let request = decoder.decode(line) {
      write(evaluator.authorize(request))
    } else {
      let isBlank = line.allSatisfy { $0 == 0x20 || (0x09...0x0D).contains($0) }
      guard !(isWhole && isBlank) else { return }
      do {
        guard isWhole else { throw LineProblem.tooLong }
        let text = try LineReader.text(line).get()
        let request = try readRequest(text, schema: schema, isValidated: isValidated)
        write(evaluator.authorize(request.encoded(for: evaluator.store)))
      } catch {
        problemCount += 1
        let message = CedarJSON.string("line \(lineCount): \(error)").text
        output += "{\"error\":\(message)}".utf8
      }
    }
    requestCount += 1
    output.append(0x0A)
    if output.count > Self.outputMax { finish() }
  }

  /// Writes out what is gathered.
  mutating func finish() {
    guard !output.isEmpty else { return }
    FileHandle.standardOutput.write(Data(output))
    output.removeAll(keepingCapacity: true)
  }

  private mutating func write(id policy: Int) {
    if let known = ids[policy] {
      output += known
    } else {
      let id = Array(CedarJSON.string(evaluator.store.program.id(of: policy)).text.utf8)
      ids[policy] = id
      output += id
    }
  }

  private mutating func write(_ response: AuthorizationResponse) {
    output +=
      response.decision == .allow
      ? #"{"decision":"allow","reasons":["#.utf8 : #"{"decision":"deny","reasons":["#.utf8
    for (place, reason) in response.reasons.enumerated() {
      if place > 0 { output.append(UInt8(ascii: ",")) }
      write(id: reason)
    }
    output += #"],"errors":["#.utf8
    for (place, error) in response.errors.enumerated() {
      if place > 0 { output.append(UInt8(ascii: ",")) }
      output += #"{"policy":"#.utf8
      write(id: error.policy)
      output += #","message":"#.utf8
      output += CedarJSON.string(error.message).text.utf8
      output.append(UInt8(ascii: "}"))
    }
    output += "]}".utf8
  }
}
