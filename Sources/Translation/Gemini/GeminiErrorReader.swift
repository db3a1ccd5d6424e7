// SPDX-License-Identifier: MIT

internal import Bytes
internal import JSON

/// Reads Google's errors (`google.rpc.Status`; AIP-193).
enum GeminiErrorReader {
  static func read(status: UInt16, headers: ErrorHeaders, body: ByteView) -> ProviderError {
    var error: ProviderError
    if let root = try? JSONTree().parse(body), let found = errorObject(root) {
      error = read(found, status: status)
    } else {
      error = ProviderError(ProviderError.Kind(status: status), "")
    }
    if error.message.isEmpty {
      error.message = "The provider answered with status \(status) and no message."
    }
    if error.retryAfterMilliseconds == nil {
      error.retryAfterMilliseconds = headers.retryAfterMilliseconds
    }
    return error
  }

  /// Streams without `alt=sse` put the error in an array.
  private static func errorObject(_ root: JSONNode) -> JSONNode? {
    if let error = root["error"] { return error }
    for element in root.elements { if let error = element["error"] { return error } }
    return nil
  }

  /// - Parameter status: 0 where there is none, within a stream.
  static func read(_ error: JSONNode, status: UInt16) -> ProviderError {
    let message = error.string ?? error["message"]?.string ?? ""
    let word = error["status"]?.string ?? ""
    let code = error["code"]?.integer.flatMap { UInt16(exactly: $0) }
    let details = Details(error["details"])
    var kind =
      kind(word: word) ?? ProviderError.Kind(status: status > 0 ? status : code ?? 500)
    switch kind {
    case .invalidRequest:
      if ProviderError.saysContextOverflow(message) {
        kind = .contextLengthExceeded
      } else if details.reason == "API_KEY_INVALID" || message.hasPrefix("API key not valid") {
        kind = .authentication
      } else if word == "FAILED_PRECONDITION", message.contains("location is not supported") {
        kind = .permission
      }
    case .permission: if details.reason == "BILLING_DISABLED" { kind = .quota }
    case .rateLimit: if details.isOfTheDay || message.contains("credits") { kind = .quota }
    default: break
    }
    return ProviderError(
      kind, message, nativeType: word, retryAfterMilliseconds: details.retryAfterMilliseconds)
  }

  /// `google.rpc.Code`, where it says more than the status.
  private static func kind(word: String) -> ProviderError.Kind? {
    switch word {
    case "INVALID_ARGUMENT", "FAILED_PRECONDITION", "OUT_OF_RANGE": .invalidRequest
    case "UNAUTHENTICATED": .authentication
    case "PERMISSION_DENIED": .permission
    case "NOT_FOUND": .notFound
    case "RESOURCE_EXHAUSTED": .rateLimit
    case "UNAVAILABLE": .overloaded
    case "DEADLINE_EXCEEDED": .timeout
    case "INTERNAL", "UNKNOWN", "CANCELLED", "ABORTED", "DATA_LOSS": .server
    default: nil
    }
  }

  /// What the error's details say (`google/rpc/error_details.proto`).
  private struct Details {
    var reason = ""
    var retryAfterMilliseconds: Int64?
    /// A quota that lasts for the day is exhausted: to wait a minute does not help.
    var isOfTheDay = false

    init(_ node: JSONNode?) {
      for detail in node?.elements ?? JSONElements.none {
        let type = detail["@type"]?.string ?? ""
        if type.hasSuffix("google.rpc.RetryInfo") {
          retryAfterMilliseconds = detail["retryDelay"]?.string.flatMap(Self.milliseconds)
        } else if type.hasSuffix("google.rpc.ErrorInfo") {
          reason = detail["reason"]?.string ?? ""
        } else if type.hasSuffix("google.rpc.QuotaFailure") {
          for violation in detail["violations"]?.elements ?? JSONElements.none {
            let quota = violation["quotaId"]?.string ?? ""
            if quota.contains("PerDay") { isOfTheDay = true }
          }
        }
      }
    }

    /// Of a duration: seconds, perhaps with a fraction, and `s`.
    private static func milliseconds(_ text: String) -> Int64? {
      guard text.hasSuffix("s"), let seconds = Double(text.dropLast()), seconds >= 0,
        seconds < 1e9
      else { return nil }
      return Int64((seconds * 1_000).rounded(.up))
    }
  }
}
