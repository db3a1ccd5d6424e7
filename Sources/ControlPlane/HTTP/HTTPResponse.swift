// SPDX-License-Identifier: MIT

public struct HTTPResponse: Sendable {
  public enum Body: Sendable {
    case bytes([UInt8])
    /// Written piece by piece while the response is under way: chunked, or as many bytes as the
    /// `content-length` among the fields says. A closure that throws, or writes another number of
    /// bytes than announced, ends the connection by a reset: the client must not take what it got
    /// for the whole.
    case stream(@Sendable (HTTPBodyWriter) async throws -> Void)
    /// The closure writes every byte of the response itself, head included. Status and fields are
    /// not looked at. For scripted upstreams, which must also send what is no HTTP.
    case wire(@Sendable (HTTPBodyWriter) async throws -> WireEnd)
  }

  /// What becomes of the connection after a `wire` response.
  public enum WireEnd: Sendable {
    /// Serves the next request, if the client asked for that.
    case keepOpen
    /// Closes in order (FIN).
    case close
    /// Closes with a reset (RST).
    case reset
    /// Sends nothing more, and waits for the client to leave.
    case stall
  }

  public var status: Int
  /// Without `content-length` (except with `stream`), `transfer-encoding`, `connection`, `date`.
  public var fields: HTTPFields
  public var body: Body

  public init(status: Int, fields: HTTPFields = HTTPFields(), body: Body = .bytes([])) {
    self.status = status
    self.fields = fields
    self.body = body
  }

  public init(status: Int = 200, contentType: String, text: String) {
    self.init(
      status: status, fields: ["content-type": contentType], body: .bytes(Array(text.utf8)))
  }

  public init(status: Int = 200, json: JSONValue) {
    self.init(
      status: status, fields: ["content-type": "application/json"],
      body: .bytes(json.encodedBytes))
  }
}
