// SPDX-License-Identifier: MIT

internal import ControlPlane

/// An answer on HTTP level, before faults and framing.
struct ProviderAnswer {
  enum Body {
    case whole([UInt8], contentType: String)
    case stream([StreamEvent], StreamFormat)
  }

  /// How an error within the answer's stream looks.
  enum ErrorForm {
    /// As the wire has it.
    case wire
    /// As an event of `/v1/responses`.
    case responses
  }

  var status: Int
  var errorForm = ErrorForm.wire
  var headers: [(name: String, value: String)] = []
  var body: Body

  init(status: Int, body: Body) {
    self.status = status
    self.body = body
  }

  static func json(_ value: JSONValue, status: Int = 200) -> ProviderAnswer {
    ProviderAnswer(
      status: status, body: .whole(value.encodedBytes, contentType: "application/json"))
  }

  static func stream(
    _ events: [StreamEvent], _ format: StreamFormat = .serverSentEvents
  ) -> ProviderAnswer {
    ProviderAnswer(status: 200, body: .stream(events, format))
  }
}

/// How the events of a stream are told apart on the wire.
enum StreamFormat {
  /// WHATWG HTML 9.2, lines ended by LF.
  case serverSentEvents
  /// The same with CR LF, as Google sends them.
  case serverSentEventsCRLF
  /// One JSON array, an element at a time.
  case jsonArray
  /// Newline-delimited JSON.
  case lines
  /// Amazon's binary frames.
  case eventStream

  var contentType: String {
    switch self {
    case .serverSentEvents: "text/event-stream; charset=utf-8"
    case .serverSentEventsCRLF: "text/event-stream"
    case .jsonArray: "application/json; charset=UTF-8"
    case .lines: "application/x-ndjson"
    case .eventStream: "application/vnd.amazon.eventstream"
    }
  }
}

/// One event of a stream.
struct StreamEvent {
  enum Kind {
    /// Part of the answer.
    case chunk
    /// Gives the finish reason.
    case finish
    /// Gives the usage, where that is an event of its own.
    case usage
    /// Ends the stream.
    case done
    /// An error in the place of the rest.
    case failure
  }

  var kind: Kind
  /// The event's name, on wires that have one.
  var name: String?
  var data: [UInt8]

  static func chunk(_ value: JSONValue, name: String? = nil) -> StreamEvent {
    StreamEvent(kind: .chunk, name: name, data: value.encodedBytes)
  }

  static func finish(_ value: JSONValue, name: String? = nil) -> StreamEvent {
    StreamEvent(kind: .finish, name: name, data: value.encodedBytes)
  }

  static func usage(_ value: JSONValue, name: String? = nil) -> StreamEvent {
    StreamEvent(kind: .usage, name: name, data: value.encodedBytes)
  }

  static func done(_ value: JSONValue, name: String? = nil) -> StreamEvent {
    StreamEvent(kind: .done, name: name, data: value.encodedBytes)
  }

  static func failure(_ value: JSONValue, name: String? = nil) -> StreamEvent {
    StreamEvent(kind: .failure, name: name, data: value.encodedBytes)
  }

  static let done = StreamEvent(kind: .done, name: nil, data: Array("[DONE]".utf8))
}
