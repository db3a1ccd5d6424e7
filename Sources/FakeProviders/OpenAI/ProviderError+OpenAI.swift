// SPDX-License-Identifier: MIT

internal import ControlPlane

extension ProviderError {
  static func unknownModel(_ model: String) -> ProviderError {
    ProviderError(
      .notFound, "The model `\(model)` does not exist or you do not have access to it.",
      code: "model_not_found")
  }

  /// A field at fault, in OpenAI's words.
  init(_ problem: FieldProblem) {
    let subject = problem.path.isEmpty ? "The request body" : "'\(problem.path)'"
    let isType = problem.message.hasPrefix("expected")
    self = .invalidRequest(
      "\(subject): \(problem.message).", parameter: problem.path.isEmpty ? nil : problem.path,
      code: problem.message == "is required"
        ? "missing_required_parameter" : isType ? "invalid_type" : "invalid_value")
  }

  /// `{"error": {"message", "type", "param", "code"}}`, and what the others make of it.
  func openAIBody(_ wire: Wire) -> JSONValue {
    let usual = openAIUsual
    let text = JSONValue.string(message ?? usual.message)
    switch wire {
    case .azure: return azureBody(text, usual.code)
    case .xai:
      return ["code": .string(code ?? usual.code ?? usual.type), "error": text]
    case .vllm:
      return [
        "object": "error", "message": text, "type": .string(vllmType),
        "param": JSONValue(parameter), "code": JSONValue(openAIStatus(wire)),
      ]
    case .deepseek where kind == .billing:
      return [
        "error": [
          "message": "Insufficient Balance", "type": "unknown_error", "param": .null,
          "code": "invalid_request_error",
        ]
      ]
    default:
      return [
        "error": [
          "message": text, "type": .string(usual.type), "param": JSONValue(parameter),
          "code": JSONValue(code ?? usual.code),
        ]
      ]
    }
  }

  func openAIStatus(_ wire: Wire) -> Int {
    if let status { return status }
    return switch (wire, kind) {
    case (.deepseek, .billing): 402
    case (.deepseek, .invalidRequest): 422
    case (.xai, .authentication): 400
    default: openAIUsual.status
    }
  }

  private var vllmType: String {
    switch kind {
    case .notFound: "NotFoundError"
    case .server, .model, .overloaded: "InternalServerError"
    default: "BadRequestError"
    }
  }

  private func azureBody(_ text: JSONValue, _ usualCode: String?) -> JSONValue {
    switch kind {
    case .contentFilter:
      let safe: JSONValue = ["filtered": false, "severity": "safe"]
      return [
        "error": [
          "message": .string(
            "The response was filtered due to the prompt triggering Azure OpenAI's content "
              + "management policy. Please modify your prompt and retry."),
          "type": .null, "param": "prompt", "code": "content_filter", "status": 400,
          "innererror": [
            "code": "ResponsibleAIPolicyViolation",
            "content_filter_result": [
              "hate": safe, "self_harm": safe, "sexual": safe,
              "violence": ["filtered": true, "severity": "high"],
            ],
          ],
        ]
      ]
    case .authentication, .rateLimit:
      return ["error": ["code": .string(String(openAIUsual.status)), "message": text]]
    case .notFound where code == "404":
      return ["error": ["code": "404", "message": "Resource not found"]]
    case .notFound:
      return [
        "error": [
          "code": "DeploymentNotFound",
          "message": "The API deployment for this resource does not exist.",
        ]
      ]
    default:
      return [
        "error": [
          "message": text, "type": .string(openAIUsual.type), "param": JSONValue(parameter),
          "code": JSONValue(code ?? usualCode),
        ]
      ]
    }
  }

  private struct Usual {
    var status: Int
    var message: String
    var type = "invalid_request_error"
    var code: String?
  }

  private var openAIUsual: Usual {
    switch kind {
    case .invalidRequest: Usual(status: 400, message: "The request was refused by script.")
    case .contextLength:
      Usual(
        status: 400,
        message: "This model's maximum context length is 128000 tokens. However, your messages "
          + "resulted in 130001 tokens. Please reduce the length of the messages.",
        code: "context_length_exceeded")
    case .contentFilter:
      Usual(
        status: 400, message: "The prompt was refused by the safety system.",
        code: "content_policy_violation")
    case .authentication:
      Usual(status: 401, message: "Incorrect API key provided.", code: "invalid_api_key")
    case .billing:
      Usual(
        status: 429, message: "You exceeded your current quota.", type: "insufficient_quota",
        code: "insufficient_quota")
    case .permission:
      Usual(status: 403, message: "This key may not use this model.", code: "model_access_denied")
    case .notFound:
      Usual(status: 404, message: "The model does not exist.", code: "model_not_found")
    case .methodNotAllowed:
      Usual(status: 405, message: "The method is not allowed.", code: "method_not_supported")
    case .timeout: Usual(status: 408, message: "The request timed out.", type: "timeout")
    case .tooLarge: Usual(status: 413, message: "The request is too large.")
    case .rateLimit:
      Usual(
        status: 429, message: "Rate limit reached for requests.", type: "requests",
        code: "rate_limit_exceeded")
    case .server, .model:
      Usual(
        status: 500, message: "The server had an error while processing your request.",
        type: "server_error")
    case .overloaded:
      Usual(
        status: 503, message: "The engine is currently overloaded.", type: "server_error",
        code: "overloaded")
    }
  }
}
