// SPDX-License-Identifier: MIT

import Configuration
import Testing

/// A file with one mistake: the line and column it is reported at, and words of the report.
struct Mistake: Sendable, CustomTestStringConvertible {
  var text: String
  var line: Int
  var column: Int
  var message: String
  var help = ""
  var testDescription: String { message }
}

@Suite("Configuration mistakes")
struct ConfigurationErrorTests {
  static let mistakes = [
    Mistake(
      text: "worker: 2", line: 1, column: 1, message: "unknown key `worker`", help: "`workers`"),
    Mistake(
      text: "workers: 2\nzzz: 1", line: 2, column: 1, message: "unknown key `zzz`",
      help: "known here: `listeners`"),
    Mistake(
      text: "workers: many", line: 1, column: 10,
      message: "`workers` must be a whole number from 0 to 1024, found `many`"),
    Mistake(
      text: "workers: \"2\"", line: 1, column: 10, message: "without quotes, found `2`"),
    Mistake(text: "workers: [2]", line: 1, column: 10, message: "found a list"),
    Mistake(text: "workers: -1", line: 1, column: 10, message: "found `-1`"),
    Mistake(text: "workers: ~", line: 1, column: 10, message: "found nothing"),
    Mistake(
      text: "timeouts:\n  connect: 5", line: 2, column: 12,
      message: "`connect` must be a number with its unit"),
    Mistake(
      text: "timeouts:\n  connect: 0ms", line: 2, column: 12, message: "must be from 1 ms"),
    Mistake(
      text: "limits:\n  request_body: 1PB", line: 2, column: 17,
      message: "`request_body` must be a number with its unit"),
    Mistake(
      text: "retries:\n  budget_ratio: 1.5", line: 2, column: 17,
      message: "`budget_ratio` must be a share from 0 to 1"),
    Mistake(
      text: "retries:\n  attempts: 17", line: 2, column: 13, message: "from 1 to 16, found `17`"),
    Mistake(
      text: "logging:\n  level: loud", line: 2, column: 10, message: "`level` is `loud`"),
    Mistake(
      text: "policies:\n  watch: yes", line: 2, column: 10, message: "must be `true` or `false`"),
    Mistake(
      text: "models: [{name: a, provider: p}]\ngroups: [{name: g, models: [b]}]", line: 2,
      column: 29, message: "unknown model `b`"),
    Mistake(
      text: "models: [{name: gpt-4o, provider: p}]\ngroups: [{name: g, models: [gtp-4o]}]",
      line: 2, column: 29, message: "unknown model `gtp-4o`", help: "did you mean `gpt-4o`?"),
    Mistake(
      text: "models:\n  - {name: a, provider: p}\n  - {name: a, provider: q}", line: 3, column: 12,
      message: "model `a` is defined twice", help: "line 2 of main.yaml"),
    Mistake(
      text: "models: [{name: a, provider: p}]\ngroups: [{name: a, models: [a]}]", line: 2,
      column: 17, message: "group `a` is defined twice"),
    Mistake(
      text: "models: [{name: \"a*\", provider: p}]", line: 1, column: 17,
      message: "`name` must be a name"),
    Mistake(text: "models: [{name: a}]", line: 1, column: 10, message: "`provider` is missing"),
    Mistake(
      text: "models: [{name: a, provider: p, capabilities: [chatt]}]", line: 1, column: 48,
      message: "`capability` is `chatt`", help: "`chat`"),
    Mistake(
      text: "models: [{name: a, provider: p, price: {input: -1, output: 1}}]", line: 1, column: 48,
      message: "`input` must be USD per million tokens"),
    Mistake(
      text: "models: [{name: a, provider: p, price: {input: 1, output: 1, source: x}}]", line: 1,
      column: 70, message: "`x` is not one of `price_sources`"),
    Mistake(
      text: "gateways: [{name: g, type: opnai}]", line: 1, column: 28,
      message: "`type` is `opnai`", help: "`openai`"),
    Mistake(
      text: "gateways: [{name: g, type: openai, api_key: \"${NOPE}\"}]", line: 1, column: 45,
      message: "environment variable `NOPE` is not set", help: "`${NOPE:-…}`"),
    Mistake(
      text: "gateways: [{name: g, type: openai}]", line: 1, column: 12,
      message: "`api_key` is missing"),
    Mistake(
      text: "gateways: [{name: g, type: vllm}]", line: 1, column: 12,
      message: "`base_url` is missing: type `vllm`"),
    Mistake(
      text: "gateways: [{name: g, type: vllm, base_url: localhost:8000}]", line: 1, column: 44,
      message: "must begin with `http://` or `https://`"),
    Mistake(
      text: "gateways:\n  - {name: g, type: scripted}\n  - {name: g, type: scripted}", line: 3,
      column: 12, message: "gateway `g` is defined twice"),
    Mistake(
      text: "gateways: [{name: g, type: scripted}]\nmodel_routing: {\"a*\": [h]}", line: 2,
      column: 24, message: "unknown gateway `h`"),
    Mistake(
      text: "workers: ${A", line: 1, column: 10, message: "`${` without its closing `}`"),
    Mistake(
      text: "workers: ${A-B}", line: 1, column: 10, message: "does not name an environment"),
    Mistake(
      text: "keys: [{name: k, key: short}]", line: 1, column: 23, message: "at least 12 visible"),
    Mistake(text: "keys: [{name: k}]", line: 1, column: 8, message: "`key` or `sha256` is missing"),
    Mistake(
      text: "keys: [{name: k, sha256: 12ab}]", line: 1, column: 26,
      message: "must be 64 hexadecimal digits"),
    Mistake(
      text: "keys:\n  - {name: a, key: sk-0123456789}\n  - {name: b, key: sk-0123456789}",
      line: 3, column: 20, message: "this key is given twice"),
    Mistake(
      text: "keys: [{name: k, key: sk-0123456789, models: [nope]}]", line: 1, column: 47,
      message: "unknown model or group `nope`"),
    Mistake(text: "a: [", line: 2, column: 1, message: "not YAML"),
    Mistake(text: "models: other.yaml", line: 1, column: 9, message: "cannot read `other.yaml`"),
    Mistake(text: "workers: 1\nworkers: 2", line: 2, column: 1, message: "given twice"),
    Mistake(text: "a: 1\n---\nb: 1", line: 3, column: 1, message: "a second document"),
    Mistake(text: "workers: *w", line: 1, column: 10, message: "unknown alias `*w`"),
    Mistake(text: "a: &a [*a]", line: 1, column: 8, message: "unknown alias `*a`"),
    Mistake(text: "a: b: c", line: 1, column: 5, message: "not YAML"),
    Mistake(text: "- a", line: 1, column: 1, message: "must be a mapping, found a list"),
  ]

  @Test("is reported where it is, with a cure", arguments: mistakes)
  func mistake(_ mistake: Mistake) throws {
    let loaded = load(mistake.text)
    #expect(loaded.configuration == nil)
    let error = try #require(
      loaded.errors.first { $0.message.contains(mistake.message) },
      "\(loaded.errors.map(\.description))")
    #expect(error.file == "main.yaml")
    #expect(error.line == mistake.line)
    #expect(error.column == mistake.column)
    #expect(error.help.contains(mistake.help), "\(error.help)")
  }

  @Test("all mistakes of all files are reported at once")
  func allAtOnce() {
    let loaded = load([
      "main.yaml": "workers: x\nmodels: m.yaml\ngateways: g.yaml\nkeys: [{name: k}]",
      "m.yaml": "models: [{name: a, provider: p, contxt: 3}]\ngroups: [{name: g, models: [z]}]",
      "g.yaml": "gateways: [{name: g, type: vllm}]",
    ])
    let places = loaded.errors.map { "\($0.file):\($0.line)" }
    #expect(places == ["main.yaml:1", "main.yaml:4", "m.yaml:1", "g.yaml:1", "m.yaml:2"])
  }

  @Test("a report shows the line with a caret under the place")
  func rendering() throws {
    let problem = try #require(load("workers: 2\nlimts: {}").errors.first)
    #expect(
      problem.description == """
        main.yaml:2:1: error: unknown key `limts` in `configuration`
         2 | limts: {}
           | ^
          help: did you mean `limits`?
        """)
  }

  @Test("a report shows no secret")
  func secrets() throws {
    let block = load("keys:\n  - name: k\n    key: sk-short\n")
    #expect(!block.errors.isEmpty && !"\(block.errors)".contains("sk-short"))
    let flow = load("keys: [{name: k, key: sk-short, models: [nope]}]")
    #expect(!flow.errors.isEmpty && !"\(flow.errors)".contains("sk-short"))
    #expect(flow.errors.contains { $0.description.contains("key: ********, models: [nope]") })
  }

  @Test("deep nesting and huge files are refused, not followed")
  func hostile() {
    let deep = load(String(repeating: "[", count: 200_000))
    #expect(deep.errors.contains { $0.message.contains("nested too deep") })
    let dashes = load(String(repeating: "- ", count: 200_000))
    #expect(dashes.errors.contains { $0.message.contains("nested too deep") })
    let large = load(String(repeating: "# comment\n", count: 1_000_000))
    #expect(large.errors.contains { $0.message.contains("larger than") })
    // Nine levels of ten aliases each stand for a thousand million values.
    var bomb = "a0: &a0 x\n"
    for level in 1...9 {
      let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
      bomb += "a\(level): &a\(level) [\(aliases)]\n"
    }
    #expect(load(bomb).errors.contains { $0.message.contains("more than 1000000 values") })
    #expect(load("").errors.contains { $0.message.contains("empty") })
    #expect(load("\u{0}\u{1}").configuration == nil)
  }
}
