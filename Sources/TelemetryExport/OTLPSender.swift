// SPDX-License-Identifier: MIT

internal import Clocks
internal import EventLoop
internal import Network
internal import Telemetry

/// Sends one body to a receiver and says what came of it. It never throws: every failure of the
/// network is something to try again.
struct OTLPSender: Sendable {
  let client: HTTPClient
  let url: String
  let settings: ExportSettings
  /// The count's name in a JSON answer.
  let rejectedField: String
  let wallClock: WallClock

  /// An answer is a few words; more is not read.
  static let answerBytesMaximum = 64 << 10

  func send(_ body: [UInt8]) async -> OTLPAnswer {
    var headers = settings.headers
    headers.append(("content-type", settings.encoding.contentType))
    headers.append(("user-agent", "\(settings.origin.scopeName)/\(settings.origin.scopeVersion)"))
    var content = body
    if settings.compresses, let packed = ContentEncoder.gzip(body) {
      content = packed
      headers.append(("content-encoding", "gzip"))
    }
    var request = HTTPClientRequest("POST", url, headers: headers, body: content)
    request.totalTimeoutMilliseconds = settings.timeoutMilliseconds
    request.connectTimeoutMilliseconds = settings.timeoutMilliseconds
    request.bodyBytesMaximum = Self.answerBytesMaximum
    do {
      let response = try await client.send(request)
      return OTLPAnswer(
        response.head, response.body, rejectedField: rejectedField, now: wallClock.now())
    } catch let error as HTTPClientError {
      let isHopeless = error.kind == .invalidRequest
      return OTLPAnswer(isHopeless ? .refused : .retryable(after: nil), message: error.description)
    } catch {
      return OTLPAnswer(.retryable(after: nil), message: "\(error)")
    }
  }
}
