// SPDX-License-Identifier: MIT

internal import ControlPlane

extension ProviderError {
  /// `{"error": "…"}`, as a body and as a line of a stream.
  var ollamaBody: JSONValue { ["error": .string(message ?? ollamaUsual.message)] }

  var ollamaStatus: Int { status ?? ollamaUsual.status }

  private var ollamaUsual: (status: Int, message: String) {
    switch kind {
    case .invalidRequest, .contentFilter: (400, "invalid request")
    case .contextLength: (400, "input length exceeds maximum context length")
    case .authentication: (401, "unauthorized")
    case .billing: (402, "this model requires a subscription")
    case .permission: (403, "forbidden")
    case .notFound: (404, "model not found")
    case .methodNotAllowed: (405, "method not allowed")
    case .timeout: (504, "timed out waiting for llama runner to start")
    case .tooLarge: (413, "request body too large")
    case .rateLimit: (429, "too many requests")
    case .server, .model: (500, "llama runner process has terminated")
    case .overloaded:
      (503, "server busy, please try again.  maximum pending requests exceeded")
    }
  }
}
