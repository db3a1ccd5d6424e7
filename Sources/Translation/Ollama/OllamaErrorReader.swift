// SPDX-License-Identifier: MIT

internal import Bytes
internal import JSON

/// Reads Ollama's errors: a sentence, with a status or within a stream.
enum OllamaErrorReader {
  static func read(status: UInt16, headers: ErrorHeaders, body: ByteView) -> ProviderError {
    var error: ProviderError
    if let root = try? JSONTree().parse(body), let found = root["error"] {
      error = read(found, status: status)
    } else {
      error = ProviderError(ProviderError.Kind(status: status), "")
    }
    if error.message.isEmpty {
      error.message = "The provider answered with status \(status) and no message."
    }
    error.retryAfterMilliseconds = headers.retryAfterMilliseconds
    return error
  }

  /// - Parameter status: 0 where there is none, within a stream.
  static func read(_ error: JSONNode, status: UInt16) -> ProviderError {
    let message = error.string ?? error["message"]?.string ?? ""
    var kind = status == 0 ? .server : ProviderError.Kind(status: status)
    if ProviderError.saysContextOverflow(message) {
      kind = .contextLengthExceeded
    } else if message.contains("server busy") {
      kind = .overloaded
    }
    return ProviderError(kind, message)
  }
}
