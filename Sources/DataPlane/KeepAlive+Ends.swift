// SPDX-License-Identifier: MIT

internal import Bytes
internal import EventLoop
internal import Network
internal import Routing
internal import Telemetry
internal import Translation

/// Answers that come when the head is out and no content behind it: the status says 200, so that
/// what went wrong has to be said in the stream.
extension Worker {
  /// `refuse`, where the head is out: an error in the form of the client's API.
  @inline(never)
  func refuseWithinStream(_ client: Client, _ error: GatewayError) {
    endAttempt(client, .ignored, .cancelled)
    if let upstream = client.pointee.exchange.upstream { closeUpstream(upstream) }
    client.pointee.exchange.failure = error.kind
    countRejection(error.kind)
    if client.pointee.exchange.endpoint.api == .openAI {
      endEarlyStream(client, Array("data: \(error.body)\n\n".utf8), isBroken: true)
    } else {
      failEarlyStream(client, ProviderError(error))
    }
  }

  /// Ends a stream without content by an error in the form of the client's API.
  func failEarlyStream(_ client: Client, _ error: ProviderError) {
    let context = foreignCall(client)?.context ?? answerContext(client)
    var encoder = client.pointee.exchange.endpoint.wire.makeStreamEncoder(context)
    var bytes: [UInt8] = []
    encoder.fail(error, into: &bytes)
    endEarlyStream(client, bytes, isBroken: true)
  }

  /// A whole answer of an upstream that speaks the client's API: an error as it is, in one event.
  func endEarlyStream(_ client: Client, _ status: UInt16, _ whole: ByteView) {
    guard status >= 400 else {
      refuseWithinStream(client, Self.wholeForStream)
      return
    }
    client.pointee.exchange.failure = .upstreamRefused
    var bytes = Array("data: ".utf8)
    // Between the values of JSON, one blank is as good as another.
    for index in 0..<whole.count {
      bytes.append(whole[index] == 0x0a || whole[index] == 0x0d ? 0x20 : whole[index])
    }
    bytes += "\n\n".utf8
    endEarlyStream(client, bytes, isBroken: true)
  }

  static let wholeForStream = GatewayError(
    .upstreamMalformed, "The provider answered with a whole document where a stream was asked for.")

  /// Sends the last bytes of a stream whose head went out early.
  func endEarlyStream(_ client: Client, _ bytes: [UInt8], isBroken: Bool) {
    commit(client)
    closeStream(client, brokenBy: isBroken ? .upstream : nil)
    let isSent = bytes.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress, !buffer.isEmpty else { return true }
      return sendChunk(client, ByteView(base: base, count: buffer.count))
    }
    releaseUpstream(client)
    if isSent, sendLastChunk(client) { finishExchange(client) }
  }
}
