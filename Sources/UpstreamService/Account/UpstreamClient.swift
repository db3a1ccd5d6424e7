// SPDX-License-Identifier: MIT

import Bytes
public import Clocks
import Credentials
public import EventLoop
import ModelCatalog
import Network

/// Asks upstreams with their accounts' credentials, over libcurl, from the control loop.
///
/// SAFETY: `@unchecked Sendable` because the client and the signers are made and used on the loop's
/// thread only.
public final class UpstreamClient: @unchecked Sendable {
  public let loop: Loop
  private let clock: WallClock
  /// Made when the first request goes out: with it comes libcurl.
  private var client: HTTPClient?
  private var signers: [String: SigV4Signer] = [:]
  private var isClosed = false

  private static let headCapacity = 64 << 10
  private static let connectTimeoutMillisecondsMaximum = 10_000

  public init(on loop: Loop, clock: WallClock = .system) {
    self.loop = loop
    self.clock = clock
  }

  /// Ends what is under way. On the loop's thread, or after the loop has ended.
  public func close() {
    isClosed = true
    client?.close()
  }

  /// - Throws: `UpstreamProblem`; an answer of any status is none.
  public func send(
    _ request: UpstreamRequest, to account: UpstreamAccount
  ) async throws(UpstreamProblem) -> UpstreamAnswer {
    if isClosed { throw UpstreamProblem(.notAsked, "the gateway is ending") }
    guard let client = self.client ?? (try? HTTPClient(on: loop)) else {
      throw UpstreamProblem(.notAsked, "libcurl cannot be loaded")
    }
    self.client = client
    let message = try message(request, to: account)
    do {
      let answer = try await client.send(message)
      let seconds = answer.head.header("retry-after").flatMap { Int64($0) }
      return UpstreamAnswer(
        status: answer.status, body: answer.body,
        retryAfterMilliseconds: seconds.flatMap { (0...86_400).contains($0) ? $0 * 1_000 : nil })
    } catch let error as HTTPClientError {
      switch error.kind {
      case .timedOut: throw UpstreamProblem(.timedOut, error.message)
      case .cancelled, .invalidRequest: throw UpstreamProblem(.notAsked, error.message)
      default: throw UpstreamProblem(.unreachable, error.message)
      }
    } catch {
      throw UpstreamProblem(.unreachable, "\(error)")
    }
  }

  // MARK: Parts

  private func message(
    _ request: UpstreamRequest, to account: UpstreamAccount
  ) throws(UpstreamProblem) -> HTTPClientRequest {
    let url = account.baseURL
    let host = request.host ?? url.host
    let isDefaultPort = url.port == (url.isTLS ? 443 : 80)
    let authority =
      (host.contains(":") ? "[\(host)]" : host) + (isDefaultPort ? "" : ":\(url.port)")
    var headers = request.headers
    if !request.body.isEmpty { headers.append(("content-type", "application/json")) }
    headers += try credentialFields(request, account, headers, authority)
    var message = HTTPClientRequest(
      request.method, "\(url.isTLS ? "https" : "http")://\(authority)\(request.target)",
      headers: headers, body: request.body)
    switch url.http2 {
    case .off: message.version = .http11
    case .auto: message.version = .automatic
    case .priorKnowledge: message.version = .http2
    }
    // As the data plane goes: straight there.
    message.proxy = .none
    message.totalTimeoutMilliseconds = request.timeoutMilliseconds
    message.connectTimeoutMilliseconds = min(
      request.timeoutMilliseconds, Self.connectTimeoutMillisecondsMaximum)
    message.stallTimeoutMilliseconds = 0
    message.bodyBytesMaximum = request.answerBytesMaximum
    return message
  }

  private func credentialFields(
    _ request: UpstreamRequest, _ account: UpstreamAccount,
    _ headers: [(name: String, value: String)], _ authority: String
  ) throws(UpstreamProblem) -> [(name: String, value: String)] {
    guard let slot = account.credential else {
      let key = account.apiKey.text
      if key.isEmpty { return [] }
      switch account.style {
      case .bearer: return [("authorization", "Bearer \(key)")]
      case .xAPIKey: return [("x-api-key", key)]
      case .apiKey: return [("api-key", key)]
      case .googleAPIKey: return [("x-goog-api-key", key)]
      case .none: return []
      }
    }
    switch slot.standing {
    case .pending: throw UpstreamProblem(.notAsked, "its credential is still being fetched")
    case .failed(let failure, _):
      throw UpstreamProblem(.notAsked, "it has no credential: \(failure.summary)")
    case .ready(let published):
      guard let keys = published.aws else { return Self.fields(published.field.string) }
      return try sign(request, account, keys, slot.skew, headers, authority)
    }
  }

  private func sign(
    _ request: UpstreamRequest, _ account: UpstreamAccount, _ keys: AWSKeys, _ skew: Interval,
    _ headers: [(name: String, value: String)], _ authority: String
  ) throws(UpstreamProblem) -> [(name: String, value: String)] {
    let region = account.signingRegion ?? ""
    guard let signer = signers[region] ?? SigV4Signer(region: region) else {
      throw UpstreamProblem(.notAsked, "OpenSSL cannot sign")
    }
    signers[region] = signer
    var text = "\(request.method) \(request.target) HTTP/1.1\r\nhost: \(authority)\r\n"
    for header in headers { text += "\(header.name): \(header.value)\r\n" }
    let lines = withUnsafeTemporaryAllocation(
      of: UInt8.self, capacity: Self.headCapacity
    ) { memory -> String? in
      guard let base = memory.baseAddress else { return nil }
      var head = ByteWriter(base: base, capacity: Self.headCapacity)
      text.withByteView { head.append($0) }
      if head.overflowed { return nil }
      signer.beginBody()
      request.body.withUnsafeBufferPointer { body in
        guard let base = body.baseAddress, !body.isEmpty else { return }
        signer.addBody(ByteView(base: base, count: body.count))
      }
      let start = head.count
      guard signer.sign(&head, keys: keys, at: clock.now() + skew) else { return nil }
      return head.written.dropFirst(start).string
    }
    guard let lines else { throw UpstreamProblem(.notAsked, "the request cannot be signed") }
    return Self.fields(lines)
  }

  /// Header lines, each with its CRLF, taken apart.
  static func fields(_ lines: String) -> [(name: String, value: String)] {
    lines.split(separator: "\r\n").compactMap { line in
      guard let colon = line.firstIndex(of: ":") else { return nil }
      let value = line[line.index(after: colon)...].drop { $0 == " " }
      return (String(line[..<colon]), String(value))
    }
  }
}
