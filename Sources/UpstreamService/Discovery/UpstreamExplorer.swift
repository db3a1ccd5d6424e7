// SPDX-License-Identifier: MIT

import Bytes
import JSON
import ModelCatalog
import Translation

/// Finds out what models an upstream has and what they can do.
public struct UpstreamExplorer: Sendable {
  private let client: UpstreamClient
  /// Of each request.
  private let timeoutMilliseconds: Int

  public init(_ client: UpstreamClient, timeoutMilliseconds: Int = 30_000) {
    self.client = client
    self.timeoutMilliseconds = timeoutMilliseconds
  }

  /// All models that the account's upstream lists.
  ///
  /// - Throws: `ListingProblem`.
  public func list(_ account: UpstreamAccount) async throws(ListingProblem) -> [ListedModel] {
    var listing = ModelListing(
      account.wireProtocol, at: account.baseURL, apiVersion: account.apiVersion)
    while var request = listing.next {
      request.timeoutMilliseconds = timeoutMilliseconds
      let answer: UpstreamAnswer
      do throws(UpstreamProblem) {
        answer = try await client.send(request, to: account)
      } catch {
        throw ListingProblem(error.description)
      }
      try listing.take(answer)
    }
    return listing.models
  }

  /// Tries one thing out, with one request.
  public func attempt(
    _ trial: CapabilityTrial, model: String, _ account: UpstreamAccount
  ) async -> TrialResult {
    let wire = ProtocolWire(account, model: model)
    var request: UpstreamRequest
    do throws(TranslationError) {
      if let chat = trial.chat(model: model, isForced: false) {
        // A model that may be told to call its tool cannot just talk about it.
        let forced = trial.chat(model: model, isForced: true) ?? chat
        if let possible = try? wire.request(chat: forced) {
          request = possible
        } else {
          request = try wire.request(chat: chat)
        }
      } else if let embeddings = wire.embeddingsRequest {
        request = embeddings
      } else {
        return .no(reason: "the API has no embeddings")
      }
    } catch {
      return .no(reason: error.message)
    }
    request.timeoutMilliseconds = timeoutMilliseconds
    let answer: UpstreamAnswer
    do throws(UpstreamProblem) {
      answer = try await client.send(request, to: account)
    } catch {
      return .unknown(reason: error.description)
    }
    switch answer.status {
    case 200..<300: return wire.judge(trial, answer.body)
    case 401, 403, 408, 429, 500...: return .unknown(reason: "status \(answer.status)")
    default: return .no(reason: wire.reason(answer))
    }
  }
}

extension ProtocolWire {
  /// A request for the embedding of one word; nil where the API has none.
  var embeddingsRequest: UpstreamRequest? {
    let name = Self.escaped(model)
    let path: String
    let body: String
    switch account.wireProtocol {
    case .anthropic, .bedrock, .vertex: return nil
    case .gemini:
      path = "/models/\(model):embedContent"
      body = #"{"content":{"parts":[{"text":"ok"}]}}"#
    case .ollama:
      path = "/api/embed"
      body = #"{"model":"\#(name)","input":"ok"}"#
    default:
      path = "/embeddings"
      body = #"{"model":"\#(name)","input":"ok"}"#
    }
    var request = UpstreamRequest("POST", target: target(path))
    request.body = Array(body.utf8)
    return request
  }

  func judge(_ trial: CapabilityTrial, _ body: [UInt8]) -> TrialResult {
    if trial == .stream { return judgeStream(body) }
    guard let root = try? JSONTree().parse(body[...]) else {
      return .no(reason: "the answer is not JSON")
    }
    if trial == .embeddings {
      let vectors = root["data"] ?? root["embedding"] ?? root["embeddings"]
      return vectors == nil ? .no(reason: "the answer has no embedding") : .yes
    }
    do throws(TranslationError) {
      let response = try provider.readResponse(root)
      return trial.isShown(by: response) ? .yes : .no(reason: "answered without it")
    } catch {
      return .no(reason: error.message)
    }
  }

  /// The stream has to come to its own end.
  private func judgeStream(_ body: [UInt8]) -> TrialResult {
    var reader = FrameReader(provider.framing)
    var sink = StreamJudge(decoder: provider.makeStreamDecoder())
    do throws(TranslationError) {
      try body.withByteView { (view) throws(TranslationError) in
        try reader.feed(view, to: &sink)
      }
      try reader.end(to: &sink)
      if !sink.isOver { try sink.decoder.end(into: &sink.events) }
    } catch {
      return .no(reason: error.message)
    }
    for event in sink.events {
      if case .failure(let error) = event { return .no(reason: error.message) }
    }
    return .yes
  }

  /// The provider's own words of a refusal.
  func reason(_ answer: UpstreamAnswer) -> String {
    let error = answer.body.withByteView {
      provider.readError(
        status: UInt16(clamping: answer.status), headers: ErrorHeaders(), body: $0)
    }
    let words = error.message.isEmpty ? "" : ": \(error.message.prefix(120))"
    return "status \(answer.status)" + words
  }
}

private struct StreamJudge: FrameSink {
  var decoder: any StreamDecoder
  var events: [StreamEvent] = []

  /// The provider's own end was seen.
  var isOver: Bool {
    if case .end? = events.last { true } else { false }
  }

  mutating func take(_ frame: StreamFrame) throws(TranslationError) {
    try decoder.decode(frame, into: &events)
  }
}

extension [UInt8] {
  fileprivate func withByteView<Result, Failure: Error>(
    _ body: (ByteView) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try withUnsafeBufferPointer { (buffer) throws(Failure) in
      try body(buffer.baseAddress.map { ByteView(base: $0, count: buffer.count) } ?? .empty)
    }
  }
}
