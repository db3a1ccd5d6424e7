// SPDX-License-Identifier: MIT

import Configuration
import Testing

/// No secret of a configuration stands in what is said of it, whatever is wrong.
@Suite("Secrets in messages")
struct SecretTests {
  /// A place in a configuration where a secret stands: what comes before its key and after it.
  struct Slot: CustomTestStringConvertible, Sendable {
    var name: String
    var flow: (before: String, after: String)
    var block: (before: String, after: String)

    var testDescription: String { name }

    static func inGateway(_ name: String) -> Slot {
      Slot(
        name: name,
        flow: ("{\"gateways\": [{\"name\": \"g\", \"type\": \"openai\", ", ", \"nonsense\": 1}]}"),
        block: ("gateways:\n  - name: g\n    type: openai\n    ", "\n    nonsense: 1\n"))
    }

    static func inKey(_ name: String) -> Slot {
      Slot(
        name: name,
        flow: ("{\"keys\": [{\"name\": \"k\", ", ", \"models\": [\"nope\"], \"nonsense\": 1}]}"),
        block: ("keys:\n  - name: k\n    ", "\n    models: [nope]\n    nonsense: 1\n"))
    }

    static func inAuth(_ name: String, _ type: String) -> Slot {
      Slot(
        name: name,
        flow: (
          "{\"gateways\": [{\"name\": \"g\", \"type\": \"azure\", \"auth\": {"
            + "\"type\": \"\(type)\", ",
          "}, \"nonsense\": 1}]}"
        ),
        block: (
          "gateways:\n- name: g\n  type: azure\n  auth:\n    type: \(type)\n    ",
          "\n    nonsense: 1\n"
        ))
    }

    static func inTelemetry(_ name: String, _ above: String = "") -> Slot {
      let braces = above.isEmpty ? "" : "{"
      return Slot(
        name: name,
        flow: (
          "{\"telemetry\": {\"otlp\": {\(above.isEmpty ? "" : "\"\(above)\": ")\(braces)",
          "\(above.isEmpty ? "" : "}"), \"protocol\": \"nope\"}}}"
        ),
        block: (
          "telemetry:\n  otlp:\n    protocol: nope\n    "
            + (above.isEmpty ? "" : "\(above):\n      "), "\n"
        ))
    }
  }

  static let slots: [Slot] = [
    .inKey("key"), .inKey("sha256"), .inKey("kye"), .inGateway("api_key"), .inGateway("api_keys"),
    .inGateway("auth"), .inGateway("api_kye"), .inGateway("authentication"),
    .inAuth("client_secret", "entra"), .inAuth("secret_access_key", "aws"),
    .inAuth("session_token", "aws"), .inAuth("access_key_id", "aws"),
    .inTelemetry("headers"), .inTelemetry("x-honeycomb-team", "headers"),
    .inTelemetry("x-any", "headers"), .inTelemetry("authorization", "headers"),
    Slot(name: "keys", flow: ("{", "}"), block: ("", "\n")),
  ]

  static let mark = "S3CRET"
  /// What a secret may be, with the mark in all of its parts.
  static let plain = [
    "S3CRET", "S3CRET-S3CRET S3CRET", "S3CRET#S3CRET:S3CRET", "$S3CRET", "*S3CRET", "&S3CRET",
    "@S3CRET", "!S3CRET", "%S3CRET", "|S3CRET", "> S3CRET", "? S3CRET", "- S3CRET",
    "S3CRET: S3CRET", "S3CRET'S3CRET", "S3CRET\"S3CRET", "${S3CRET-S3CRET}", "{S3CRET}",
    "http://S3CRET:S3CRET@h/S3CRET?S3CRET", "\\S3CRET", "S3CRET\tS3CRET", "S3CRET # S3CRET",
    "!!binary S3CRET", "&a S3CRET", "\u{e9}\u{301}S3CRET\u{1f468}\u{200d}\u{1f469}S3CRET",
  ]
  static let quoted = [
    "'S3CRET''S3CRET, S3CRET''S3CRET'", "\"S3CRET\\\"S3CRET]S3CRET, S3CRET\\\\\"",
    "\"S3CRET}S3CRET: S3CRET #S3CRET\"", "' S3CRET ]S3CRET '", "\"$S3CRET\"", "\"S3CRET", "'S3CRET",
    "\"S3CRET\" S3CRET", "'${X:-S3CRET}'", "\"\\u0053S3CRET\\q\"",
  ]

  /// How a value is written: `V` is the text.
  static let flowForms = [
    "V", "[V]", "[ V ]", "[V, V]", "[ V , V ]", "[[V], V]", "{V}", "{V: 1}", "{value: V}",
    "{key: V, value: V}", "[{key: V, weight: many}, V]", "[\n V,\n V\n]", "\n V", "[{value: [V]}]",
  ]
  static let blockForms =
    flowForms + [
      "\n      - V\n      - V", "\n    - V\n    - V", "\n\t- V\n\t- V", "\n      V",
      "|\n      V\n      V",
      ">-\n      V\n\n      V", "\n      - key: V\n      - V", "\n      - - V\n      - {key: V}",
      "\n      # V\n      - V", "V\n      V", "V # V", "\n      ? V\n      : V",
    ]

  private func check(_ text: String) {
    for problem in load(text).problems where problem.description.contains(Self.mark) {
      Issue.record("\(problem.description)\n--- in ---\n\(text)")
    }
  }

  /// One of so many combinations is tried, another one in each slot: all take minutes.
  static let stride = 11

  @Test("in every way they can be written", arguments: slots.indices)
  func everyWay(_ number: Int) {
    let slot = Self.slots[number]
    var count = number
    for secret in Self.plain + Self.quoted {
      for (position, form) in Self.blockForms.enumerated() {
        count += 1
        guard count % Self.stride == 0 else { continue }
        // The keys of `headers` are names.
        let isName = form.contains("V:") || form.contains("? V") || secret.contains(": ")
        if slot.name == "headers", isName { continue }
        let value = form.replacing("V", with: secret)
        let text = slot.block.before + "\(slot.name): \(value)" + slot.block.after
        check(text)
        check(
          text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n"))
        guard position < Self.flowForms.count else { continue }
        check(slot.flow.before + "\"\(slot.name)\": \(value)" + slot.flow.after)
        check(slot.flow.before + "\(slot.name): \(value)" + slot.flow.after)
      }
    }
  }

  @Test("in a file that ends early, or has a character too much", arguments: slots.indices)
  func broken(_ number: Int) {
    let slot = Self.slots[number]
    var count = number
    for form in ["V", "[V, V]", "{V, V}", "\n      - V\n      - V"] {
      for secret in ["S3CRET", "'S3CRET''S3CRET'", "\"S3CRET\\\"S3CRET\""] {
        let value = form.replacing("V", with: secret)
        let texts = [
          (slot.block.before + "\(slot.name): ", value + slot.block.after),
          (slot.flow.before + "\"\(slot.name)\": ", value + slot.flow.after),
        ]
        for (before, after) in texts {
          for place in after.indices {
            for extra in ["", "\"", "'", "{", "]", "\t", ":", ": ", "\n", "*"] {
              count += 1
              guard count % (Self.stride * 5) == 0 else { continue }
              if slot.name == "headers", extra.contains(":") { continue }
              // Without an addition it ends there.
              check(before + after[..<place] + extra + (extra.isEmpty ? "" : after[place...]))
            }
          }
        }
      }
    }
  }

  @Test(
    "in URLs",
    arguments: [
      "gateways: [{name: g, type: openai, api_key: k, base_url: \"V\"}]",
      "gateways:\n  - name: g\n    type: openai\n    base_url: V\n",
      "gateways:\n  - name: g\n    type: openai\n    base_url:\n      V\n",
      "gateways:\n  - name: g\n    type: V\n",
      "gateways: [{name: g, type: azure, auth: {type: entra, authority_url: \"V\"}}]",
      "telemetry: {otlp: {endpoint: \"V\", protocol: nope}}",
      "telemetry:\n  otlp:\n    endpoint: V\n", "listeners: V", "workers: V",
    ])
  func urls(_ text: String) {
    for url in [
      "http://u:S3CRET@h/a b", "https://h/v1?key=S3CRET", "https://h/v1?a=b c&key=S3CRET",
      "https://u:S3CRET/S3CRET@h/v1", "https://S3CRET@h:x/v1#S3CRET", "ftp://S3CRET:S3CRET@h",
      "https://user-of-a-long-name-indeed:S3CRET-S3CRET-S3CRET@host.example/v1 ",
    ] {
      check(text.replacing("V", with: url))
    }
  }

  @Test(
    "in a variable that was meant for another field",
    arguments: [
      "gateways: [{name: g, V: 1}]", "routing: {strategy: \"V\"}", "workers: \"V\"",
      "gateways: [{name: g, type: \"V\"}]", "gateways: [{name: \"V x\", type: openai}]",
      "gateways: [{name: g, type: openai, api_key: k, base_url: \"V\"}]",
      "gateways: [{name: g, type: azure, base_url: \"https://h\", api_key: k, api_version: \"V\"}]",
      "gateways: [{name: g, type: azure, auth: {type: entra, authority_url: \"V\"}}]",
      "telemetry: {otlp: {endpoint: \"V\"}}", "timeouts: {connect: \"V\"}",
    ])
  func variables(_ text: String) {
    let loaded = load(text.replacing("V", with: "${KEY}"), ["KEY": Self.mark])
    #expect(loaded.errors.contains { $0.description.contains("${KEY}") })
    #expect(!loaded.problems.contains { $0.description.contains(Self.mark) })
  }

  @Test("what is no secret can be read")
  func readable() {
    func words(_ text: String) -> String {
      load(text).problems.map(\.description).joined(separator: "\n")
    }
    let auth = "{name: g, type: azure, auth: {type: entra, tenant_id: t, clientid: c}}"
    #expect(words("gateways: [\(auth)]").contains("auth: {type: entra, tenant_id: t, clientid: *}"))
    #expect(words("gateways: [{name: g, type: azure, auth: entr}]").contains("mean `entra`?"))
    #expect(words("routing: {affinity: {header: x y}}").contains("header: x y"))
    #expect(
      words("keys: [{name: a b, user: u, team: t}]").contains("{name: a b, user: u, team: t}"))
    #expect(
      words("gateways: [{name: g, type: openai, base_url: \"htp://h/v1\"}]").contains("htp://h"))
  }
}
