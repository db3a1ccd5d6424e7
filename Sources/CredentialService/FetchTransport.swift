// SPDX-License-Identifier: MIT

import Clocks
import Credentials
import EventLoop
import Network

/// Does what fetches ask for: requests over libcurl, files on the thread pool. One for all keepers.
///
/// SAFETY: `@unchecked Sendable` because the client is made and used on the loop's thread only.
final class FetchTransport: @unchecked Sendable {
  let loop: Loop
  /// Made when the first request goes out: with it comes libcurl.
  private var client: HTTPClient?
  private var isClosed = false

  /// Steps of one fetch at most; the longest chain has a dozen.
  static let stepsMaximum = 32
  /// The machine's own services answer at once or are not there.
  static let localTimeoutMilliseconds = (connect: 1_000, total: 5_000)
  static let timeoutMilliseconds = (connect: 5_000, total: 15_000)
  static let answerBytesMaximum = 1 << 20

  init(on loop: Loop) { self.loop = loop }

  func close() {
    isClosed = true
    client?.close()
  }

  /// Drives `fetch` to its end.
  func run(
    _ fetch: any CredentialFetch, _ clock: WallClock
  ) async -> Result<IssuedCredential, FetchFailure> {
    var fetch = fetch
    var event = FetchEvent.begin
    for _ in 0..<Self.stepsMaximum {
      switch fetch.next(event, now: clock.now()) {
      case .send(let request): event = await send(request)
      case .read(let path): event = await read(path)
      case .issued(let issued): return .success(issued)
      case .absent(let reason): return .failure(FetchFailure(reason))
      case .failed(let failure): return .failure(failure)
      }
    }
    return .failure(
      FetchFailure("fetching the credential took more than \(Self.stepsMaximum) steps"))
  }

  private func read(_ path: String) async -> FetchEvent {
    let result = await loop.runOnThreadPool { () -> Result<[UInt8], SmallFile.Problem> in
      Result { () throws(SmallFile.Problem) in try SmallFile.read(path) }
    }
    switch result {
    case .success(let bytes): return .contents(bytes)
    case .failure(let problem): return .unreadable(problem.reason)
    }
  }

  private func send(_ request: TokenRequest) async -> FetchEvent {
    if isClosed { return .unreachable("the gateway is ending") }
    guard let client = self.client ?? (try? HTTPClient(on: loop)) else {
      return .unreachable("libcurl cannot be loaded")
    }
    self.client = client
    var message = HTTPClientRequest(
      request.method, request.url, headers: request.headers, body: request.body)
    let limits = request.isLocal ? Self.localTimeoutMilliseconds : Self.timeoutMilliseconds
    message.connectTimeoutMilliseconds = limits.connect
    message.totalTimeoutMilliseconds = limits.total
    message.bodyBytesMaximum = Self.answerBytesMaximum
    if request.isLocal { message.proxy = .none }
    do {
      let answer = try await client.send(message)
      return .answered(status: answer.status, body: answer.body)
    } catch let error as HTTPClientError {
      return .unreachable(error.message)
    } catch {
      return .unreachable("\(error)")
    }
  }
}
