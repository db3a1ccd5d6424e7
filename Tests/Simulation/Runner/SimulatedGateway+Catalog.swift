// SPDX-License-Identifier: MIT

import FakeProviders

/// The models and providers of every run. Each gateway is one server.
extension SimulatedGateway {
  struct Model {
    let name: String
    let provider: String
    /// Dollars for a million tokens.
    let input: Int
    let output: Int
    let servers: [Int]
    var capabilities = "chat, tools, parallel_tools, reasoning"
    /// Not by seconds or searches.
    var isPaidByTokens = true
  }

  static let key = "sk-simulated-client-key"
  static let wires: [Wire] = [.openai, .openai, .anthropic, .gemini, .ollama, .bedrock, .deepseek]
  static let serverCount = wires.count
  static let port: UInt16 = 8_000

  static let priced = [
    Model(name: "gpt-a", provider: "openai", input: 1, output: 2, servers: [0, 1]),
    Model(name: "claude-b", provider: "anthropic", input: 3, output: 5, servers: [2]),
    Model(name: "gemini-c", provider: "google", input: 7, output: 11, servers: [3]),
    Model(name: "ollama-d", provider: "ollama", input: 1, output: 1, servers: [4]),
    Model(name: "bedrock-e", provider: "bedrock", input: 2, output: 3, servers: [5]),
    Model(name: "deepseek-f", provider: "deepseek", input: 2, output: 3, servers: [6]),
    // Has its account in common with another model.
    Model(name: "gpt-g", provider: "openai", input: 13, output: 17, servers: [0]),
    Model(
      name: "embed-h", provider: "openai", input: 19, output: 0, servers: [0, 1],
      capabilities: "embeddings"),
    Model(
      name: "rank-i", provider: "openai", input: 0, output: 0, servers: [1],
      capabilities: "rerank", isPaidByTokens: false),
    Model(
      name: "hear-j", provider: "openai", input: 23, output: 29, servers: [0, 1],
      capabilities: "transcription", isPaidByTokens: false),
  ]
  private static let groups = [
    "any": ["gpt-a", "claude-b", "gemini-c"], "twice": ["ollama-d", "bedrock-e", "deepseek-f"],
  ]
  /// What chats ask for.
  static let models = [
    "gpt-a", "claude-b", "gemini-c", "ollama-d", "bedrock-e", "deepseek-f", "any", "twice",
  ]

  /// The servers that a request for a model, or a group, may go to.
  static func servers(of model: String) -> [Int] {
    let members = groups[model] ?? [model]
    return priced.filter { members.contains($0.name) }.flatMap(\.servers)
  }

  /// What chats can ask for that goes to `server`.
  static func models(of server: Int) -> [String] {
    (models + ["gpt-g"]).filter { servers(of: $0).contains(server) }
  }

  /// The model that a request which came to `server` is for; most servers have one only.
  static func model(of body: [UInt8], server: Int) -> String {
    let here = priced.filter { $0.servers.contains(server) }.map(\.name)
    return here.dropFirst().first { body.firstRange(of: Array($0.utf8)) != nil } ?? here[0]
  }

  static let text: String = {
    let models = priced.map { model in
      "  - {name: \(model.name), provider: \(model.provider), "
        + "price: {input: \(model.input), output: \(model.output)}, "
        + "capabilities: [\(model.capabilities)], context_window: 10000000, max_output: 200000}"
    }
    let routing = priced.map { model in
      "  \"\(model.name)\": [\(model.servers.map { "s\($0)" }.joined(separator: ", "))]"
    }
    let grouped = groups.sorted { $0.key < $1.key }.map { name, members in
      "  - {name: \(name), strategy: order, models: [\(members.joined(separator: ", "))]}"
    }
    return (["models:"] + models + ["groups:"] + grouped + ["model_routing:"] + routing)
      .joined(separator: "\n") + "\n" + gateways
  }()

  private static let gateways = """
    gateways:
      - {name: s0, type: openai-compatible, base_url: "http://s0.test:8000/v1", api_key: k}
      - {name: s1, type: openai-compatible, base_url: "http://s1.test:8000/v1", api_key: k}
      - {name: s2, type: anthropic, base_url: "http://s2.test:8000", api_key: k}
      - {name: s3, type: google, base_url: "http://s3.test:8000", api_key: k}
      - {name: s4, type: ollama, base_url: "http://s4.test:8000", api_key: k}
      - {name: s5, type: bedrock, base_url: "http://s5.test:8000", api_key: k, region: us-east-1}
      - {name: s6, type: deepseek, base_url: "http://s6.test:8000/v1", api_key: k}
    keys: [{name: client, key: \(key), user: alice, team: simulation}]

    """
}
