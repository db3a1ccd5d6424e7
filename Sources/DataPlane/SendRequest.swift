// SPDX-License-Identifier: MIT

internal import Bytes
internal import Credentials
internal import EventLoop
internal import HTTPWire
internal import JSON
internal import ModelCatalog
internal import Network
internal import Providers
internal import Routing

/// Writing a request to an upstream: a head of the gateway's own making, and the client's body with
/// the few edits that routing asks for, in place.
extension Worker {
  /// Most bytes of a body handed to a transport at once; the rest follows as it drains, so that a
  /// large body is not copied into the transport's queue.
  static let bodyWindowBytes = 256 << 10

  /// Sends the head and as much of the body as the window allows.
  func sendRequest(_ upstream: Upstream) {
    let client = upstream.pointee.client!
    upstream.pointee.phase = .awaitingHead
    upstream.pointee.hasResponseByte = false
    upstream.pointee.isRequestSent = false
    upstream.pointee.requestOffset = 0
    upstream.pointee.isBodyComplete = false
    upstream.pointee.headParser = ResponseHeadParser()
    waitFor(client, .firstHeader, settings.timeouts.firstHeaderMilliseconds)
    if client.pointee.exchange.endpoint == .realtime { return sendUpgrade(upstream, client) }
    var scratch = ByteWriter(base: patchScratch, capacity: Self.patchScratchCapacity)
    let patch = bodyPatch(client, scratch: &scratch)
    guard let head = requestHead(client, patch, scratch.written) else {
      attemptFailed(upstream, .unsigned)
      return
    }
    write(upstream, client, head: head, patch, scratch.written)
  }

  /// The transport has taken all it was given: the next window of the body.
  func upstreamDrained(_ upstream: Upstream) {
    select(upstream)
    guard upstream.pointee.phase == .awaitingHead || upstream.pointee.phase == .relaying,
      !upstream.pointee.isRequestSent, let client = upstream.pointee.client
    else {
      if upstream.pointee.phase == .tunneling { tunnelToUpstreamDrained(upstream) }
      return
    }
    var scratch = ByteWriter(base: patchScratch, capacity: Self.patchScratchCapacity)
    let patch = bodyPatch(client, scratch: &scratch)
    write(upstream, client, head: .empty, patch, scratch.written)
  }

  private func write(
    _ upstream: Upstream, _ client: Client, head: ByteView, _ patch: JSONPatch,
    _ literals: ByteView
  ) {
    var head = head
    repeat {
      switch writeWindow(upstream, client, head, patch, literals) {
      case .failed:
        attemptFailed(upstream, .reset)
        return
      case .queued: return
      case .sent: head = .empty
      }
    } while !upstream.pointee.isRequestSent
  }

  /// One vectored write of the head and the body's pieces from `requestOffset` on.
  private func writeWindow(
    _ upstream: Upstream, _ client: Client, _ head: ByteView, _ patch: JSONPatch,
    _ literals: ByteView
  ) -> TCPSocket.WriteResult {
    withUnsafeTemporaryAllocation(
      of: ByteView.self, capacity: TCPSocket.segmentCountMax
    ) { vectors in
      var count = 0
      if !head.isEmpty {
        vectors[0] = head
        count = 1
      }
      var skip = upstream.pointee.requestOffset
      var room = Self.bodyWindowBytes
      var isWhole = true
      var segments = patch.segments(body: outgoingBody(client), scratch: literals)
      while let segment = segments.next() {
        if skip >= segment.count {
          skip -= segment.count
          continue
        }
        guard room > 0, count < vectors.count else {
          isWhole = false
          break
        }
        let rest = segment.dropFirst(skip)
        let piece = rest.prefix(room)
        skip = 0
        room -= piece.count
        upstream.pointee.requestOffset += piece.count
        if piece.count < rest.count { isWhole = false }
        vectors[count] = piece
        count += 1
      }
      upstream.pointee.isRequestSent = isWhole
      guard count > 0 else { return .sent }
      return upstream.pointee.transport!.write(
        UnsafeBufferPointer(start: vectors.baseAddress, count: count))
    }
  }

  // MARK: Edits

  /// The edits to the client's body for the deployment at hand.
  private func bodyPatch(_ client: Client, scratch: inout ByteWriter) -> JSONPatch {
    var patch = JSONPatch()
    if client.pointee.exchange.foreign != nil, isSentAsWritten(client) { return patch }
    if client.pointee.exchange.isForm { return formPatch(client, &scratch) }
    let facts = client.pointee.exchange.facts
    if currentDeployment(client).pointee.deployment.isOpen {
      nameOpenModel(client, &patch, &scratch)
    } else {
      let wanted = client.pointee.exchange.lease!.pointee.texts.upstreamModel(
        currentDeployment(client).pointee.deployment.index)
      if !body(of: client)[facts.model.range].equals(wanted) {
        _ = patch.setModel(facts, toLiteral: wanted, scratch: &scratch)
      }
    }
    if client.pointee.exchange.asksForUsage,
      currentDeployment(client).pointee.deployment.takesStreamOptions
    {
      _ = patch.askForUsage(facts, scratch: &scratch)
    }
    let cap = client.pointee.exchange.outputTokensMaximum
    if cap >= 0 {
      if client.pointee.exchange.endpoint == .responses {
        _ = patch.setMaxOutputTokens(facts, to: UInt64(cap), scratch: &scratch)
      } else {
        _ = patch.setMaxTokens(facts, to: UInt64(cap), scratch: &scratch)
      }
    }
    return patch
  }

  @inline(never)
  private func nameOpenModel(
    _ client: Client, _ patch: inout JSONPatch, _ scratch: inout ByteWriter
  ) {
    let facts = client.pointee.exchange.facts
    let wanted = openModel(client, currentDeployment(client).pointee.deployment)
    if facts.model.kind == .string, !facts.model.hasEscapes,
      body(of: client)[facts.model.contents].equals(wanted)
    {
      return
    }
    // Nothing in such a name needs an escape.
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: wanted.count + 2) { memory in
      guard let base = memory.baseAddress else { return }
      var literal = ByteWriter(base: base, capacity: memory.count)
      literal.append("\"")
      literal.append(wanted)
      literal.append("\"")
      _ = patch.setModel(facts, toLiteral: literal.written, scratch: &scratch)
    }
  }

  // MARK: Head

  /// Nil when the request cannot be signed.
  private func requestHead(
    _ client: Client, _ patch: JSONPatch, _ literals: ByteView
  ) -> ByteView? {
    var head = ByteWriter(base: headScratch, capacity: Self.headScratchCapacity)
    if let call = foreignCall(client) {
      let count = patch.patchedCount(bodyCount: outgoingBody(client).count)
      appendForeignHead(client, call, contentLength: count, to: &head)
      return finishHead(client, &head, patch, literals)
    }
    var start = ByteView.empty
    if client.pointee.exchange.endpoint.task == .media
      || currentDeployment(client).pointee.deployment.isOpen
    {
      OpenAICompatible.appendRequestStart(
        client.pointee.exchange.endpoint.operation,
        to: upstreamEndpoint(client, currentDeployment(client).pointee.deployment), writer: &head)
    } else {
      start = client.pointee.exchange.lease!.pointee.texts.requestStart(
        currentDeployment(client).pointee.deployment.index,
        client.pointee.exchange.endpoint.operation)
    }
    let isWhole = OpenAICompatible.appendRequestHead(
      start: start,
      contentLength: UInt64(patch.patchedCount(bodyCount: client.pointee.bodyLength)),
      passedFields: passedRequestFields(client), writer: &head)
    assert(isWhole, "a client's head is smaller than the scratch memory")
    return finishHead(client, &head, patch, literals)
  }

  /// Adds to a head, before its empty line, what is the exchange's own: its place in a trace, and
  /// a credential that is fetched. Nil when the request cannot be signed.
  func finishHead(
    _ client: Client, _ head: inout ByteWriter, _ patch: JSONPatch, _ literals: ByteView
  ) -> ByteView? {
    if currentDeployment(client).pointee.deployment.isTrusted {
      insertTraceFields(client, into: &head)
    }
    let isShown = showCredential(client, &head) { signer in
      var segments = patch.segments(body: outgoingBody(client), scratch: literals)
      while let segment = segments.next() { signer.addBody(segment) }
    }
    return isShown ? head.written : nil
  }
}
