// SPDX-License-Identifier: MIT

internal import ControlPlane

extension ProviderError {
  /// Amazon's JSON body; the exception's name is in a header. Some parts of the service write
  /// `Message` with a capital.
  var bedrockBody: JSONValue {
    let text = JSONValue.string(message ?? bedrockUsual.message)
    return kind == .permission || kind == .authentication ? ["Message": text] : ["message": text]
  }

  var bedrockStatus: Int { status ?? bedrockUsual.status }

  /// The header `x-amzn-ErrorType`, which has more than the name.
  var bedrockErrorType: String {
    (code ?? bedrockUsual.name) + ":http://internal.amazon.com/coral/com.amazon.bedrock/"
  }

  /// The header `:exception-type` of a frame: the member of the stream's union.
  var bedrockExceptionType: String {
    if let code { return code }
    return switch kind {
    case .rateLimit: "throttlingException"
    case .overloaded: "serviceUnavailableException"
    case .model: "modelStreamErrorException"
    case .invalidRequest, .contextLength: "validationException"
    default: "internalServerException"
    }
  }

  private var bedrockUsual: (status: Int, name: String, message: String) {
    let invalid = "ValidationException"
    return switch kind {
    case .invalidRequest: (400, invalid, "The request was refused by script.")
    case .contextLength: (400, invalid, "Input is too long for requested model.")
    case .contentFilter: (400, invalid, "The request was blocked by content policy.")
    case .tooLarge: (413, "RequestEntityTooLargeException", "Request size limit exceeded")
    case .authentication:
      (
        403, "UnrecognizedClientException",
        "The security token included in the request is invalid."
      )
    case .billing: (400, "ServiceQuotaExceededException", "Your account's quota is used up.")
    case .permission:
      (403, "AccessDeniedException", "You don't have access to the model with this model ID.")
    case .notFound: (404, "ResourceNotFoundException", "Could not resolve the foundation model.")
    case .methodNotAllowed: (405, "UnknownOperationException", "Unknown operation")
    case .timeout: (408, "ModelTimeoutException", "Model has timed out in processing the request.")
    case .rateLimit:
      (429, "ThrottlingException", "Too many requests, please wait before trying again.")
    case .server:
      (
        500, "InternalServerException",
        "The system encountered an unexpected error during processing. Try your request again."
      )
    case .model:
      (424, "ModelErrorException", "The system encountered an unexpected error in the model.")
    case .overloaded:
      (503, "ServiceUnavailableException", "Bedrock is unable to process your request.")
    }
  }
}
