// SPDX-License-Identifier: MIT

public import ModelCatalog

/// What the configuration knows of a model behind an account.
public struct ConfiguredModel: Hashable, Sendable {
  public var name: String
  /// What the upstream calls it.
  public var upstreamModel: String
  public var provider: String
  public var contextTokens: Int64
  public var capabilities: Capabilities

  public init(
    name: String, upstreamModel: String, provider: String, contextTokens: Int64,
    capabilities: Capabilities
  ) {
    self.name = name
    self.upstreamModel = upstreamModel
    self.provider = provider
    self.contextTokens = contextTokens
    self.capabilities = capabilities
  }
}

/// A model of an upstream, compared with the configuration.
public struct DiscoveredModel: Hashable, Sendable {
  public enum Standing: String, Sendable {
    /// Listed, and configured.
    case known
    /// Listed only.
    case new
    /// Configured, but not listed.
    case missing
  }

  public var listed: ListedModel
  public var standing: Standing
  /// Under which names it is configured.
  public var configured: [ConfiguredModel]
  /// What trials have found; empty where none were made.
  public var trials: [CapabilityTrial: TrialResult] = [:]

  /// What is known that it can do: by the trials where there were any, else by the list.
  public var capabilities: Capabilities {
    var result = listed.capabilities
    for (trial, outcome) in trials {
      guard let capability = trial.capability else { continue }
      switch outcome {
      case .yes: result.insert(capability)
      case .no: result.remove(capability)
      case .unknown: break
      }
    }
    return result
  }
}

public enum ModelDiscovery {
  /// Puts side by side what is listed and what is configured: the listed in their order, then what
  /// is missing among them, by name.
  public static func compare(
    _ listed: [ListedModel], _ configured: [ConfiguredModel]
  ) -> [DiscoveredModel] {
    var byUpstream: [String: [ConfiguredModel]] = [:]
    for model in configured {
      byUpstream[canonical(model.upstreamModel), default: []].append(model)
    }
    var result = listed.map { model -> DiscoveredModel in
      let known = byUpstream.removeValue(forKey: canonical(model.name)) ?? []
      return DiscoveredModel(
        listed: model, standing: known.isEmpty ? .new : .known, configured: known)
    }
    for missing in byUpstream.values.sorted(by: { $0[0].upstreamModel < $1[0].upstreamModel }) {
      result.append(
        DiscoveredModel(
          listed: ListedModel(missing[0].upstreamModel), standing: .missing, configured: missing))
    }
    return result
  }

  /// Ollama lists `llama3:latest` for what may be called `llama3`.
  static func canonical(_ name: String) -> String {
    name.hasSuffix(":latest") ? String(name.dropLast(7)) : name
  }

  /// Lines for `models` of `models.yaml`, one entry for each model that is new.
  public static func yaml(
    _ models: [DiscoveredModel], provider: String, taken: Set<String>
  ) -> String {
    var text = ""
    for model in models where model.standing == .new {
      let name = canonical(model.listed.name)
      // Another account may have a model of that name.
      let own = taken.contains(name) ? "\(provider)/\(name)" : name
      var parts = ["name: \(quoted(own))", "provider: \(quoted(provider))"]
      if own != model.listed.name { parts.append("upstream: \(quoted(model.listed.name))") }
      if let tokens = model.listed.contextTokens { parts.append("context_window: \(tokens)") }
      if let tokens = model.listed.outputTokens { parts.append("max_output: \(tokens)") }
      let capabilities = model.capabilities.isEmpty ? [.chat] : model.capabilities
      parts.append("capabilities: [\(capabilities.names.joined(separator: ", "))]")
      text += "  - {\(parts.joined(separator: ", "))}\n"
    }
    return text
  }

  private static func quoted(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x2f, 0x5f: true
      default: false
      }
    }
    let isName = text.utf8.first.map { $0 > 0x39 } ?? false
    return isPlain && isName ? text : "\"\(ProtocolWire.escaped(text))\""
  }
}
