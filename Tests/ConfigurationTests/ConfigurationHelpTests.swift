// SPDX-License-Identifier: MIT

import Configuration
import ModelCatalog
import Testing

/// What people get wrong first, and whether the report mends it.
@Suite("Configuration help")
struct ConfigurationHelpTests {
  static let base = """
    keys: [{name: k, key: "sk-0123456789"}]
    models: [{name: m, provider: openai, price: {input: 1, output: 2}}]

    """

  private func gateway(_ members: String) -> LoadedConfiguration {
    load(Self.base + "gateways: [{name: g, \(members)}]\n")
  }

  @Test(
    "secrets are hidden in every way they can be written",
    arguments: [
      #"{"keys": [{"name": "k", "key": "S3CRET"}], "workers": many}"#,
      #"gateways: [{"api_key": "S3CRET, S3CRET", type: nope}]"#,
      #"gateways: [{api_key : S3CRET, type: nope, name: g}]"#,
      #"gateways: [{name: g, type: nope, api_keys: ["S3CRET", 'S3CRET']}]"#,
      #"gateways: [{name: g, type: nope, api_keys: [S3CRET,S3CRET]}]"#,
      #"gateways: [{name: g, type: nope, api_key: "${NAME:-S3CRET}"}]"#,
      #"telemetry: {otlp: {headers: {authorization: "Bearer S3CRET"}, protocol: nope}}"#,
      #"keys: [{name: k, "key": 'S3CRET'"#,
      #"gateways: [{name: g, type: openai, base_url: "https://u:S3CRET@host/v1", api_key: k}]"#,
    ])
  func secrets(_ text: String) {
    let loaded = load(text)
    #expect(!loaded.errors.isEmpty)
    let words = loaded.problems.map(\.description).joined(separator: "\n")
    #expect(!words.contains("S3CRET"), "\(words)")
  }

  @Test("names of variables and times are no secrets")
  func harmless() {
    let loaded = load("gateways: [{name: g, type: nope, api_key: \"${THE_NAME}\"}]")
    #expect(loaded.errors.contains { $0.description.contains("${THE_NAME}") })
    #expect(load("timeouts: {first_token: 5}").errors[0].description.contains("first_token: 5"))
  }

  @Test("of a long line the part with the mistake is shown")
  func longLine() throws {
    let members = (0..<100).map { "\"m\($0)\": 1" }.joined(separator: ", ")
    let problem = try #require(
      load("{\(members), \"workers\": many}").errors.last { $0.message.contains("workers") })
    let lines = problem.description.split(separator: "\n")
    #expect(lines[1].contains("\"workers\": many"))
    #expect(lines[1].count < 140)
    let caret = try #require(lines[2].firstIndex(of: "^"))
    let distance = lines[2].distance(from: lines[2].startIndex, to: caret)
    #expect(lines[1].dropFirst(distance).hasPrefix("many"))
  }

  @Test("lines end as YAML ends them", arguments: ["\n", "\r\n", "\r", "\u{85}", "\u{2028}"])
  func lineEnds(_ end: String) {
    let text = ["\u{feff}retries: {}", "# é\u{301}", "worker: 1", ""].joined(separator: end)
    #expect(load(text).errors[0].description.contains("yaml:3:1: error"))
    #expect(load(text).errors[0].description.contains("\n 3 | worker: 1\n   | ^"))
  }

  @Test("many mistakes on one long line take little time", .timeLimit(.minutes(1)))
  func longLineTime() {
    let keys = (0..<10_000).map {
      "{\"name\": \"k\($0)\", \"key\": \"sk-0123456789-\($0)\", \"models\": [\"gone\"]}"
    }
    let loaded = load("{\"keys\": [\(keys.joined(separator: ", "))]}")
    #expect(loaded.errors.count == 200)
    #expect(!loaded.problems.map(\.description).joined().contains("sk-0"))
  }

  @Test("a byte order mark is no part of the text")
  func byteOrderMark() {
    #expect(load("\u{feff}workers: 2\n").configuration?.workerCount == 2)
  }

  @Test("what YAML's own words do not say")
  func yaml() {
    #expect(load("listeners:\n\tllm: {ports: [0]}").errors[0].help.contains("spaces"))
    let brace = load("gateways: [{name: g, type: openai, api_key: ${KEY}}]")
    #expect(brace.errors[0].help.contains("\"${NAME}\""))
  }

  @Test(
    "types by other products' words",
    arguments: [
      ("gemini", "`google`"), ("vertex_ai", "`vertex`"), ("azure_openai", "`azure`"),
      ("mistral", "openai-compatible"), ("openrouter", "openai-compatible"),
      ("opnai", "did you mean `openai`?"),
    ])
  func types(_ word: String, _ help: String) {
    let loaded = gateway("type: \(word), base_url: \"http://h/v1\", api_key: k")
    #expect(loaded.errors.count == 1)
    #expect(loaded.errors[0].help.contains(help), "\(loaded.errors[0].help)")
    #expect(loaded.notices.isEmpty)
  }

  @Test("strategies by other products' words")
  func strategies() {
    for (word, strategy) in [("priority", "order"), ("least-latency", "latency")] {
      let loaded = load(Self.base + "routing: {strategy: \(word)}")
      #expect(loaded.configuration?.catalog.defaultStrategy.name == strategy)
    }
  }

  @Test("an address of one operation is no base URL")
  func operation() {
    for path in ["/v1/chat/completions", "/v1/messages", "/v1beta/models/m:generateContent"] {
      let loaded = gateway("type: openai, base_url: \"https://h\(path)\", api_key: k")
      #expect(loaded.errors.contains { $0.message.contains("one operation") })
    }
  }

  @Test("what cannot work, though nothing is wrong")
  func notices() {
    func words(_ loaded: LoadedConfiguration) -> String {
      loaded.notices.map { $0.message + "; " + $0.help }.joined(separator: "\n")
    }
    #expect(words(load("workers: 1")).contains("answered with 401"))
    let free = load(
      "keys: [{name: k, key: sk-0123456789}]\nmodels: [{name: m, provider: openai}]")
    #expect(words(free).contains("no price is known of `m`"))
    let dollar = gateway("type: openai, base_url: \"http://h/v1\", api_key: $OPENAI_API_KEY")
    #expect(words(dollar).contains("write `${OPENAI_API_KEY}`"))
    let other = gateway("type: anthropic, api_key: k")
    #expect(words(other).contains("no gateway serves `m`"))
    let fine = gateway("type: openai, base_url: \"http://h/v1\", api_key: k")
    #expect(fine.problems.isEmpty, "\(fine.problems)")
  }
}
