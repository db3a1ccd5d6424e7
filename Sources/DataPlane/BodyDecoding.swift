// SPDX-License-Identifier: MIT

internal import Bytes
internal import EventLoop
internal import HTTPWire
internal import Network
internal import Routing

/// A compressed request body on its way to be a plain one.
struct BodyDecoding {
  let decoder: ContentDecoder
  /// The request as it would have come uncompressed: its head, then what has been decoded so far.
  var output: PooledBuffer
  /// How much of the compressed body has been read.
  var offset = 0
}

/// Stage 3b: bodies with a content coding. The decoded body takes the place of the one received,
/// so all later stages, the upstream's too, see a request without a coding.
extension Worker {
  /// Decoded in one turn of the loop, some milliseconds; other requests have their turn after it.
  static let decodedBytesPerTurnMaximum = 2 << 20
  /// Bodies in the middle of being decoded, each with a window of up to 8 MiB; others wait.
  static let decodingsMaximum = 16

  /// The body's coding, noted in the exchange. Answers the request and returns false when it is
  /// not one that is understood.
  func acceptCoding(_ client: Client, _ fields: RequestFields) -> Bool {
    if let value = fields.onlyValue(of: .contentEncoding), let coding = ContentCoding(value) {
      client.pointee.exchange.coding = coding
      return true
    }
    refuse(
      client,
      GatewayError(
        .unsupportedEncoding,
        "Request bodies may have one content coding of \(ContentCoding.accepted), not "
          + "'\(fields.value(of: .contentEncoding)?.prefix(100).string ?? "")'."))
    return false
  }

  /// Decodes the body, or a piece of it; true when it is plain. False when the request has been
  /// answered, or goes on when its timer fires.
  func decodeBody(_ client: Client) -> Bool {
    if client.pointee.exchange.decoding == nil && !beginDecoding(client) { return false }
    let decoding = client.pointee.exchange.decoding!
    let outputMaximum = client.pointee.bodyStart + Int(settings.limits.requestBodyBytesMaximum)
    var budget = Self.decodedBytesPerTurnMaximum
    while budget > 0 {
      if decoding.pointee.output.available == 0 {
        loop.buffers.reserve(&decoding.pointee.output, 1)
      }
      let output = decoding.pointee.output
      let room = min(output.available, outputMaximum + 1 - output.count, budget)
      let before = decoding.pointee.offset
      let step = decoding.pointee.decoder.step(
        body(of: client), &decoding.pointee.offset, into: output.base + output.count, room: room)
      switch step {
      case .damaged:
        refuse(
          client,
          GatewayError(
            .malformedEncoding,
            "The request body is not what its Content-Encoding says: damaged or cut off."))
        return false
      case .complete(let count), .more(let count):
        decoding.pointee.output.count += count
        budget -= max(1, count, decoding.pointee.offset - before)
        guard isWithinLimits(client, decoding.pointee.output.count, outputMaximum) else {
          return false
        }
        if case .complete = step {
          takeDecodedBody(client)
          return true
        }
      }
    }
    waitFor(client, .decoding, 0)
    return false
  }

  /// The timer of a body that is being decoded, or waits for others to be.
  func decodingTimerFired(_ client: Client, isOver: Bool) {
    if isOver {
      refuse(
        client, GatewayError(.requestTimeout, "The request's body took too long to decode."))
    } else if decodeBody(client) {
      dispatch(client)
    }
  }

  func endDecoding(_ client: Client) {
    guard let decoding = client.pointee.exchange.decoding else { return }
    client.pointee.exchange.decoding = nil
    decodingCount -= 1
    decoding.pointee.decoder.close()
    loop.buffers.give(decoding.pointee.output)
    decoding.deallocate()
  }

  private func beginDecoding(_ client: Client) -> Bool {
    guard decodingCount < Self.decodingsMaximum else {
      waitFor(client, .decoding, 0)
      return false
    }
    guard let decoder = ContentDecoder(client.pointee.exchange.coding) else {
      refuseMemory(client)
      return false
    }
    let head = input(of: client).prefix(client.pointee.bodyStart)
    var output = loop.buffers.take(head.count + 4 * client.pointee.bodyLength)
    output.base.update(from: head.base, count: head.count)
    output.count = head.count
    let decoding = UnsafeMutablePointer<BodyDecoding>.allocate(capacity: 1)
    decoding.initialize(to: BodyDecoding(decoder: decoder, output: output))
    client.pointee.exchange.decoding = decoding
    decodingCount += 1
    return true
  }

  private func isWithinLimits(_ client: Client, _ count: Int, _ maximum: Int) -> Bool {
    if count > maximum {
      refuseLargeBody(client)
      return false
    }
    if loop.buffers.lentBytes > bodyBytesMaximum {
      refuseMemory(client)
      return false
    }
    return true
  }

  private func refuseMemory(_ client: Client) {
    refuse(
      client,
      GatewayError(
        .overloaded, "The gateway holds as many request bodies as it may.", retryAfterSeconds: 1))
  }

  /// Puts the decoded request in the place of the received one, and what was pipelined behind it.
  private func takeDecodedBody(_ client: Client) {
    let decoding = client.pointee.exchange.decoding!
    let received = client.pointee.input!
    let end = decoding.pointee.output.count
    let rest = received.count - client.pointee.requestLength
    loop.buffers.reserve(&decoding.pointee.output, rest)
    var output = decoding.pointee.output
    (output.base + end).update(from: received.base + client.pointee.requestLength, count: rest)
    output.count = end + rest
    client.pointee.input = output
    client.pointee.bodyLength = end - client.pointee.bodyStart
    client.pointee.requestLength = end
    client.pointee.exchange.coding = .identity
    // The buffers have changed places: the received one is given back.
    decoding.pointee.output = received
    endDecoding(client)
  }
}
