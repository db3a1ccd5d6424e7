// SPDX-License-Identifier: MIT

internal import ControlPlane

/// An error answer in OpenAI's shape: `{"error": {"message", "type", "param", "code"}}`.
struct ProviderError: Error {
  var status: Int
  var message: String
  var type: String
  var parameter: String?
  var code: String?

  var body: JSONValue { ["error": object] }

  private var object: JSONValue {
    [
      "message": .string(message), "type": .string(type), "param": JSONValue(parameter),
      "code": JSONValue(code),
    ]
  }

  static func invalidRequest(
    _ message: String, parameter: String? = nil, code: String? = nil, status: Int = 400
  ) -> ProviderError {
    ProviderError(
      status: status, message: message, type: "invalid_request_error", parameter: parameter,
      code: code)
  }

  static func unknownModel(_ model: String) -> ProviderError {
    invalidRequest(
      "The model `\(model)` does not exist or you do not have access to it.",
      code: "model_not_found", status: 404)
  }

  /// The error body that a real provider sends with `status`.
  static func scripted(status: Int, code: String?) -> ProviderError {
    let (message, type, usualCode): (String, String, String?) =
      switch status {
      case 401: ("Incorrect API key provided.", "invalid_request_error", "invalid_api_key")
      case 403: ("This key may not use this model.", "invalid_request_error", "model_access_denied")
      case 404: ("The model does not exist.", "invalid_request_error", "model_not_found")
      case 408, 504: ("The request timed out.", "timeout", nil)
      case 429: ("Rate limit reached for requests.", "requests", "rate_limit_exceeded")
      case 503: ("The engine is currently overloaded.", "server_error", "overloaded")
      case 500...: ("The server had an error while processing your request.", "server_error", nil)
      default: ("The request was refused by script.", "invalid_request_error", nil)
      }
    return ProviderError(
      status: status, message: message, type: type, parameter: nil, code: code ?? usualCode)
  }
}

extension ProviderError {
  init(_ problem: FieldProblem) {
    let subject = problem.path.isEmpty ? "The request body" : "'\(problem.path)'"
    let isType = problem.message.hasPrefix("expected")
    self = .invalidRequest(
      "\(subject): \(problem.message).", parameter: problem.path.isEmpty ? nil : problem.path,
      code: problem.message == "is required"
        ? "missing_required_parameter" : isType ? "invalid_type" : "invalid_value")
  }

  init(_ error: Script.ParseError) {
    self = .invalidRequest(error.message, parameter: error.key, code: "invalid_script")
  }
}
