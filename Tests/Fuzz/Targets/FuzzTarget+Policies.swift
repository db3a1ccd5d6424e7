// SPDX-License-Identifier: MIT

import CedarSyntax
import DecisionIR

extension FuzzTarget {
  /// The parser ends on every text with findings inside it; what it accepts can be formatted, the
  /// result is accepted too, and formatting it again changes nothing. The first byte chooses the
  /// dialect.
  static let policyText = FuzzTarget(
    name: "policy-text",
    dictionary: [
      "permit", "forbid", "(", ")", "principal", "action", "resource", " == ", " in ", " is ",
      "when {", "unless {", "};", ";", "context.", " has ", " like ", "if ", " then ", " else ",
      "&&", "||", "!", "-", "[", "]", "{", "}", "\"a\"", "\"\\u{41}\"", "User::\"a\"",
      "Action::\"routing:select_model\"", "@id(\"a\")", "@priority(100)", "10.0", "0.05", "1",
      "9223372036854775808", "decimal(\"1.5\")", "ip(\"::1\")", ".contains(", ".lessThan(",
      "// comment\n", "?principal", "true", "((((", "*", "<", ">=", ",", ".", "::", "é",
    ]
  ) { input in
    guard let first = input.first else { return }
    let dialect = first & 1 == 1
    let source = String(decoding: input.dropFirst(), as: UTF8.self)
    let (policies, diagnostics) = parsePolicies(source, dialect: dialect)
    let byteCount = source.utf8.count
    for diagnostic in diagnostics {
      try require(!diagnostic.labels.isEmpty, "a finding without a place: \(diagnostic.message)")
      for label in diagnostic.labels {
        try require(
          Int(label.span.end) <= byteCount, "a finding outside the text: \(diagnostic.message)")
      }
    }
    if diagnostics.contains(where: { $0.severity == .error }) { return }
    let (formatted, findings) = formatPolicies(source, dialect: dialect)
    guard let formatted else {
      throw FuzzFailure(message: "parsed, but not formatted: \(findings)")
    }
    let again = formatPolicies(formatted, dialect: dialect)
    try require(again.text == formatted, "not idempotent:\n\(formatted)\n\(again.text ?? "nil")")
    let reparsed = parsePolicies(formatted, dialect: dialect).policies
    try require(
      reparsed.policies.count == policies.policies.count,
      "formatting changed the number of policies")
  }

  /// An image is refused or runs, whatever its bytes; the checksum is set right first, because a
  /// fuzzer would never get past it.
  static let policyImage = FuzzTarget(name: "policy-image", dictionary: []) { input in
    guard let program = try? Program(image: sealed(input)) else { return }
    guard let store = try? EntityStore(program: program, entities: entities) else { return }
    let evaluator = Evaluator(store: store)
    for (id, context) in [("a", context), ("b", context), ("b", [:])] {
      let request = AuthorizationRequest(
        store: store, principal: EntityName(type: "User", id: id),
        action: EntityName(type: "Action", id: "x"), resource: EntityName(type: "R", id: "r"),
        context: context)
      let isAllowed = evaluator.isAllowed(request)
      let response = evaluator.authorize(request)
      try require(
        isAllowed == (response.decision == .allow), "the two modes disagree: \(response)")
    }
    for index in 0..<program.policyCount { _ = program.metadata(of: index) }
  }
}

private let context: [Text: Datum] = [
  "n": .long(9), "s": .text("text"), "r": .record(["n": .long(1)]),
]

private let entities = [
  EntityData(
    EntityName(type: "User", id: "a"), attributes: ["level": .long(3)],
    parents: [EntityName(type: "Team", id: "a")]),
  EntityData(EntityName(type: "Team", id: "a")),
]

/// The image with its length and checksum made right: see `ImageFormat`.
public func sealed(_ input: [UInt8]) -> [UInt8] {
  let headerSize = 32
  guard input.count >= headerSize else { return input }
  var image = input
  store(UInt64(image.count), in: &image, at: 16)
  var first: UInt64 = 0x9E37_79B9_7F4A_7C15
  var second: UInt64 = 0xD1B5_4A32_D192_ED03
  var index = headerSize
  while index + 16 <= image.count {
    first = (first ^ load(image, at: index)) &* 0xBF58_476D_1CE4_E5B9
    first ^= first >> 31
    second = (second ^ load(image, at: index + 8)) &* 0x94D0_49BB_1331_11EB
    second ^= second >> 29
    index += 16
  }
  while index < image.count {
    first = (first ^ UInt64(image[index])) &* 0xBF58_476D_1CE4_E5B9
    first ^= first >> 31
    index += 1
  }
  let sum = (first ^ second &* 0x9E37_79B9_7F4A_7C15) ^ UInt64(image.count - headerSize)
  store(sum, in: &image, at: 24)
  return image
}

private func load(_ bytes: [UInt8], at offset: Int) -> UInt64 {
  (0..<8).reduce(0) { $0 | UInt64(bytes[offset + $1]) << UInt64($1 * 8) }
}

private func store(_ value: UInt64, in bytes: inout [UInt8], at offset: Int) {
  for index in 0..<8 { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * index)) }
}

/// Whether `sealed` still knows the format: a seed must come out as it went in.
public func isSealed(_ image: [UInt8]) -> Bool { sealed(image) == image }
