// SPDX-License-Identifier: MIT

internal import Accounts
import Configuration
import EventLoop
import Glibc
import ModelCatalog

/// What the gateway says when it serves: one `listening` line per address for programs, and for
/// people the lines to try.
struct Banner {
  private let configuration: GatewayConfiguration
  private let addresses: [SocketAddress]
  private let policyAddress: SocketAddress?
  private let catalog: Catalog

  init(
    _ configuration: GatewayConfiguration, _ addresses: [SocketAddress],
    _ policyAddress: SocketAddress?, catalog: Catalog
  ) {
    self.configuration = configuration
    self.addresses = addresses
    self.policyAddress = policyAddress
    self.catalog = catalog
  }

  func print() {
    var text = ""
    for address in addresses { text += "gateway: listening service=llm address=\(address)\n" }
    if let policyAddress {
      text += "gateway: listening service=policy address=\(policyAddress)\n"
    }
    let described = configuration.catalog
    if described.needsScriptedProvider {
      let others = described.gateways.count - 1
      text +=
        others == 0
        ? "gateway: no provider key is set: the built-in scripted provider answers for every "
          + "model (set OPENAI_API_KEY or another provider's key for the real thing)\n"
        : "gateway: the built-in scripted provider answers for some models\n"
    }
    if configuration.keys.contains(where: \.isLoopbackOnly) {
      text +=
        "gateway: WARNING: the development key is accepted, from this machine only; give every "
        + "user a key of their own before others connect\n"
    }
    if let policyAddress, !policyAddress.isLoopback {
      text +=
        "gateway: WARNING: the policy router listens on \(policyAddress) and asks for no key: "
        + "whoever reaches it can reload policies and read decisions; put `listeners.policy.host` "
        + "on 127.0.0.1 or on a network of its own\n"
    }
    text += examples
    write(text, to: STDOUT_FILENO)
  }

  /// How the URL of the first listener in a role begins.
  private func start(_ role: ListenerConfiguration.Role) -> String {
    let first = configuration.listeners.first { $0.role == role }
    return first?.tls == nil ? "http://localhost" : "https://localhost"
  }

  private var examples: String {
    guard let address = addresses.first else { return "" }
    let isStandard = configuration.keys.contains { $0.name == "development" }
    let key = isStandard ? "sk-litellm-master-key-dev" : "YOUR_KEY"
    var text = """

      Try:
        curl \(start(.languageModels)):\(address.port)/v1/chat/completions \\
          -H "Authorization: Bearer \(key)" -H "Content-Type: application/json" \\
          -d '{"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hello!"}]}'

      """
    if let policyAddress {
      text += """
          curl \(start(.policy)):\(policyAddress.port)/route -H "Content-Type: application/json" \\
            -d '{"user_id": "test-user", "team_id": "engineering", "requested_model": "smart", \
        "budget_remaining": 100.0, "latency_sla_ms": 5000}'

        """
    }
    return text + "Add \"stream\": true to the first for a stream. Ctrl-C drains and ends.\n"
  }
}
