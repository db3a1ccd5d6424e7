// SPDX-License-Identifier: MIT

internal import Bytes
internal import EventLoop
internal import HTTPWire
internal import ModelCatalog
internal import Network
internal import Providers
internal import Routing
internal import Translation

/// What passes from an upstream's head to the client, and the gateway's words about its failures.
extension Worker {
  /// The fields of the upstream's head that go to the client, in scratch memory.
  func writePassedFields(_ head: ResponseHead, _ headBytes: ByteView) -> ByteView {
    if let fields = passedResponseFields.fields(of: responseMemo.generation) { return fields }
    var writer = passedResponseFields.writer
    OpenAICompatible.appendResponseFields(
      head, head: headBytes, table: responseFields, writer: &writer)
    return passedResponseFields.keep(writer, of: responseMemo.generation)
  }

  /// As above, for an answer with another body: its content type is the gateway's to say.
  func writeForeignFields(
    _ head: ResponseHead, _ headBytes: ByteView, _ call: ForeignCall
  ) -> ByteView {
    call.note(responseFields, headBytes)
    var writer = passedResponseFields.writer
    OpenAICompatible.appendResponseFields(
      head, head: headBytes, table: responseFields,
      denied: HeaderPolicy.deniedInTranslatedResponses, writer: &writer)
    // Of no head that a request between OpenAI's APIs could meet again.
    return passedResponseFields.keep(writer, of: .max)
  }

  /// The fields of the request's head that go to the upstream, in scratch memory.
  func passedRequestFields(_ client: Client) -> ByteView {
    let fields = requestFields(client)
    if let passed = passedRequestFields.fields(of: fields.generation) { return passed }
    var writer = passedRequestFields.writer
    OpenAICompatible.appendRequestFields(
      client.pointee.head, head: fields.head, table: fields.table, writer: &writer)
    return passedRequestFields.keep(writer, of: fields.generation)
  }

  func appendPassedFields(_ client: Client, to head: inout ByteWriter) {
    headHasRequestID = client.pointee.exchange.hasRequestID
    if client.pointee.exchange.fields != nil {
      head.append(view(of: client.pointee.exchange.fields))
    } else {
      head.append(passedFields)
    }
  }

  /// Notes what later steps need of the upstream's head: `Retry-After`, in seconds or
  /// milliseconds, and whether it speaks about caching.
  func noteHead(_ client: Client, _ headBytes: ByteView) {
    client.pointee.exchange.hasCacheControl = responseFields.contains(.cacheControl)
    client.pointee.exchange.hasRequestID = responseFields.contains(.xRequestID)
    client.pointee.exchange.retryAfterMilliseconds = -1
    if currentDeployment(client).pointee.credential != nil {
      client.pointee.exchange.upstreamDateSeconds =
        responseFields.value(of: .date, in: headBytes).flatMap { HTTPDate.parse($0) } ?? 0
    }
    if let value = responseFields.value(of: .retryAfterMilliseconds, in: headBytes),
      let milliseconds = value.decimal
    {
      client.pointee.exchange.retryAfterMilliseconds = milliseconds
    } else if let value = responseFields.value(of: .retryAfter, in: headBytes) {
      if let seconds = value.decimal {
        client.pointee.exchange.retryAfterMilliseconds = seconds * 1000
      } else if let date = HTTPDate.parse(value) {
        client.pointee.exchange.retryAfterMilliseconds = max(0, date * 1000 - wallMilliseconds)
      }
    }
  }

  func retryAfterSeconds(_ client: Client) -> UInt64? {
    let wait = client.pointee.exchange.retryAfterMilliseconds
    return wait < 0 ? nil : UInt64((wait + 999) / 1000)
  }

  /// The gateway's own error for a failure: which model was asked for, of whom, and what happened.
  func error(for failure: UpstreamFailure, _ client: Client) -> GatewayError {
    if failure == .noCredential, let error = credentialError(client) { return error }
    let deployment = currentDeployment(client).pointee.deployment
    let catalog = client.pointee.exchange.lease!.pointee.snapshot.catalog
    let model = catalog.model(deployment.model)
    let provider = catalog.provider(model.provider).name.string
    let attempts = client.pointee.exchange.attemptCount
    let tried = attempts > 1 ? " (\(attempts) attempts were made)" : ""
    return GatewayError(
      failure.kind,
      "The provider '\(provider)' failed for model '\(shownName(client, model).string)': "
        + "\(failure.sentence)\(tried).",
      retryAfterSeconds: failure == .rateLimited ? retryAfterSeconds(client) : nil)
  }

  func lastFailure(_ client: Client) -> GatewayError {
    error(for: client.pointee.exchange.lastFailure, client)
  }

  /// Which model answers and why: the headers by which a decision is looked up.
  ///
  /// - Parameter namesLosses: whether also what the attempt at hand leaves out of the request.
  func appendDecisionFields(
    _ client: Client, to head: inout ByteWriter, namesLosses: Bool = true
  ) {
    guard client.pointee.exchange.plan.candidateCount > 0 else { return }
    appendDecisionID(client, to: &head)
    guard client.pointee.exchange.plan.outcome == .routed else { return }
    let last = client.pointee.exchange.plan.attemptCount - 1
    let attempt = client.pointee.exchange.plan.attempt(
      min(client.pointee.exchange.step, last))
    let lease = client.pointee.exchange.lease!
    if lease.pointee.deployments[Int(attempt.deployment.rawValue)].deployment.isOpen {
      let model = lease.pointee.snapshot.catalog.model(attempt.model)
      appendOpenModelFields(client, model, to: &head)
    } else {
      head.append(lease.pointee.texts.modelFields(attempt.model))
    }
    if attempt.policy >= 0 {
      head.append(lease.pointee.texts.policyField(Int(attempt.policy)))
    }
    if namesLosses, let names = foreignCall(client)?.losses.headerValue {
      head.append("x-gateway-dropped-params: ")
      names.withByteView { head.append($0) }
      head.append("\r\n")
    }
  }

  @inline(__always)
  func appendDecisionID(_ client: Client, to head: inout ByteWriter) {
    head.append("x-gateway-decision-id: ")
    client.pointee.exchange.decision.append(to: &head)
    head.append("\r\n")
  }
}

extension ByteView {
  /// A number of at most 15 digits and nothing else.
  var decimal: Int64? {
    guard count > 0, count <= 15 else { return nil }
    var value: Int64 = 0
    for index in 0..<count {
      let digit = self[index] &- 0x30
      guard digit < 10 else { return nil }
      value = value * 10 + Int64(digit)
    }
    return value
  }

  var isASCII: Bool {
    for index in 0..<count where self[index] >= 0x80 { return false }
    return true
  }

  /// Without spaces and tabs at either end.
  var trimmed: ByteView {
    var start = 0
    var end = count
    while start < end, self[start] == 0x20 || self[start] == 0x09 { start += 1 }
    while end > start, self[end - 1] == 0x20 || self[end - 1] == 0x09 { end -= 1 }
    return self[start..<end]
  }

  /// Whether a Content-Type is that of server-sent events, parameters aside.
  var isEventStream: Bool {
    let name = prefix(firstIndex(of: UInt8(ascii: ";")) ?? count).trimmed
    return name.equalsIgnoringCase("text/event-stream")
  }
}
