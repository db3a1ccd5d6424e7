// SPDX-License-Identifier: MIT

internal import ControlPlane

/// An answer on HTTP level, before faults and framing.
struct ProviderAnswer {
  enum Body {
    case whole([UInt8], contentType: String)
    /// Server-sent events, the data of each.
    case events([StreamEvent])
  }

  var status: Int
  var headers: [(name: String, value: String)] = []
  var body: Body

  static func json(_ value: JSONValue, status: Int = 200) -> ProviderAnswer {
    ProviderAnswer(
      status: status, body: .whole(value.encodedBytes, contentType: "application/json"))
  }

  init(status: Int, body: Body) {
    self.status = status
    self.body = body
  }

  init(_ error: ProviderError) {
    self = .json(error.body, status: error.status)
  }
}

/// One event of a stream.
enum StreamEvent {
  /// A chunk with part of the answer.
  case chunk(JSONValue)
  /// The chunk that gives the finish reason.
  case finish(JSONValue)
  /// The last chunk, with the usage and no choices.
  case usage(JSONValue)
  case done
  /// Anything else: faults.
  case raw(String)

  var data: [UInt8] {
    switch self {
    case .chunk(let value), .finish(let value), .usage(let value): value.encodedBytes
    case .done: Array("[DONE]".utf8)
    case .raw(let text): Array(text.utf8)
    }
  }
}
