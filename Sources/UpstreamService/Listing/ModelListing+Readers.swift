// SPDX-License-Identifier: MIT

import JSON
import ModelCatalog

/// An element of `data`, with what servers that speak OpenAI's API add to it.
enum OpenAIListing {
  static func model(_ node: JSONNode) -> ListedModel? {
    guard let name = node["id"]?.string else { return nil }
    // vLLM; OpenRouter and Together; Groq; Mistral.
    let context =
      node["max_model_len"]?.integer ?? node["context_length"]?.integer
      ?? node["context_window"]?.integer ?? node["max_context_length"]?.integer
    var model = ListedModel(
      name, contextTokens: context, outputTokens: node["max_completion_tokens"]?.integer)
    if let capabilities = node["capabilities"], capabilities.isObject {
      if capabilities["completion_chat"]?.bool == true { model.capabilities.insert(.chat) }
      if capabilities["function_calling"]?.bool == true {
        model.capabilities.formUnion([.chat, .tools])
      }
      if capabilities["vision"]?.bool == true { model.capabilities.formUnion([.chat, .vision]) }
    }
    return model
  }
}

/// `ModelInfo` of the Messages API.
enum AnthropicListing {
  static func model(_ node: JSONNode) -> ListedModel? {
    guard let name = node["id"]?.string else { return nil }
    // A retired one is listed as a record, and cannot be asked.
    if node["lifecycle"]?.equals("retired") == true { return nil }
    var model = ListedModel(
      name, contextTokens: node["max_input_tokens"]?.integer,
      outputTokens: node["max_tokens"]?.integer)
    model.capabilities = [.chat, .tools, .parallelTools]
    let capabilities = node["capabilities"]
    for (name, value) in [
      ("image_input" as StaticString, Capabilities.vision), ("pdf_input", .documents),
      ("structured_outputs", .jsonSchema), ("thinking", .reasoning),
    ] where capabilities?[name]?["supported"]?.bool == true {
      model.capabilities.insert(value)
    }
    return model
  }
}

/// `Model` of the Gemini API, and `PublisherModel` of Vertex AI.
enum GoogleListing {
  static func model(_ node: JSONNode) -> ListedModel? {
    guard let path = node["name"]?.string else { return nil }
    var model = ListedModel(
      lastStep(path), contextTokens: node["inputTokenLimit"]?.integer,
      outputTokens: node["outputTokenLimit"]?.integer)
    for method in node["supportedGenerationMethods"]?.elements ?? .none {
      if method.equals("generateContent") { model.capabilities.insert(.chat) }
      if method.equals("embedContent") { model.capabilities.insert(.embeddings) }
    }
    if node["thinking"]?.bool == true { model.capabilities.insert(.reasoning) }
    return model
  }

  static func publisherModel(_ node: JSONNode) -> ListedModel? {
    node["name"]?.string.map { ListedModel(lastStep($0)) }
  }

  private static func lastStep(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? ""
  }
}

/// `FoundationModelSummary` and `InferenceProfileSummary` of Bedrock's control plane.
enum BedrockListing {
  static func model(_ node: JSONNode) -> ListedModel? {
    guard let name = node["modelId"]?.string else { return nil }
    var model = ListedModel(name)
    for modality in node["outputModalities"]?.elements ?? .none {
      if modality.equals("TEXT") { model.capabilities.insert(.chat) }
      if modality.equals("EMBEDDING") { model.capabilities.insert(.embeddings) }
    }
    if model.capabilities.contains(.chat) {
      for modality in node["inputModalities"]?.elements ?? .none where modality.equals("IMAGE") {
        model.capabilities.insert(.vision)
      }
    }
    return model
  }

  /// A profile can what the first of its models can.
  static func profile(_ node: JSONNode, _ known: [String: ListedModel]) -> ListedModel? {
    guard let name = node["inferenceProfileId"]?.string else { return nil }
    var model = ListedModel(name)
    for member in node["models"]?.elements ?? .none {
      guard let arn = member["modelArn"]?.string, let id = arn.split(separator: "/").last,
        let found = known[String(id)]
      else { continue }
      model.capabilities = found.capabilities
      break
    }
    return model
  }
}

/// An element of `/api/tags`.
enum OllamaListing {
  static func model(_ node: JSONNode) -> ListedModel? {
    guard let name = node["model"]?.string ?? node["name"]?.string else { return nil }
    var model = ListedModel(name)
    for capability in node["capabilities"]?.elements ?? .none {
      if capability.equals("completion") { model.capabilities.formUnion([.chat, .completion]) }
      if capability.equals("tools") { model.capabilities.insert(.tools) }
      if capability.equals("vision") { model.capabilities.insert(.vision) }
      if capability.equals("thinking") { model.capabilities.insert(.reasoning) }
      if capability.equals("embedding") { model.capabilities.insert(.embeddings) }
    }
    return model
  }
}
