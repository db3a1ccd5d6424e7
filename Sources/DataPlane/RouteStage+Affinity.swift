// SPDX-License-Identifier: MIT

internal import Bytes
internal import HTTPWire
internal import JSON
internal import ModelCatalog
internal import Routing
internal import Telemetry

/// What keeps chats together: the session that the client names, and the prompt's beginning.
/// Nothing is copied: the bytes are hashed where they stand.
extension Worker {
  @inline(never)
  func readAffinity(_ client: Client, _ row: AffinityRow, _ request: inout RouteRequest) {
    // Providers keep no prompts of anything else.
    guard client.pointee.exchange.endpoint.task == .chat else { return }
    if row.used.contains(.session) { request.sessionHash = sessionHash(client, row.header) }
    if row.used.contains(.prefix), client.pointee.exchange.endpoint != .realtime {
      request.prefixHash = prefixHash(client, row.prefixBytes)
    }
  }

  /// Where a request went in the end that affinity had a choice for. One that was never sent stayed
  /// nowhere.
  @inline(never)
  func countAffinity(_ client: Client) {
    guard client.pointee.exchange.attemptCount > 0 else { return }
    let key: AffinityKeyLabel =
      client.pointee.exchange.plan.affinity == .session ? .session : .prefix
    let result: AffinityResult
    if hedgeResult(client) == .won, client.pointee.exchange.step > 0 {
      result = .overtaken
    } else if client.pointee.exchange.step > 0 {
      let hasFailed = client.pointee.exchange.attemptCount > 1
      // A deployment that cannot take such a request at all is none that it could have stayed at.
      guard hasFailed || client.pointee.exchange.hasMetLimit else { return }
      result = hasFailed ? .failed : .full
    } else {
      result = client.pointee.exchange.plan.isAffinityMoved ? .circuitOpen : .kept
    }
    metrics.affinityEnded(key, result)
  }

  /// Of the header, or of what the body has for it; 0 for none.
  private func sessionHash(_ client: Client, _ header: ByteView) -> UInt64 {
    let fields = requestFields(client)
    for index in 0..<fields.table.count {
      let field = fields.table[index]
      guard field.nameCount == header.count, Self.equal(fields.head[field.name], lowercase: header)
      else { continue }
      let value = fields.head[field.value].trimmed
      if !value.isEmpty { return AffinityHash.of(value) }
    }
    let session = client.pointee.exchange.facts.session(in: body(of: client))
    return session.map { AffinityHash.of($0) } ?? 0
  }

  private static func equal(_ name: ByteView, lowercase other: ByteView) -> Bool {
    for index in 0..<other.count {
      let byte = name[index]
      let lower = byte &- 0x41 < 26 ? byte | 0x20 : byte
      if lower != other[index] { return false }
    }
    return true
  }

  /// Of the first bytes of tools, system and messages; of the body's where it is not read as one of
  /// these.
  private func prefixHash(_ client: Client, _ count: Int) -> UInt64 {
    let facts = client.pointee.exchange.facts
    let body = body(of: client)
    var hash = PrefixHash(byteCount: count)
    guard facts.messages.isPresent || facts.prompt.isPresent || facts.input.isPresent else {
      hash.add(body)
      return hash.value
    }
    for span in [facts.tools, facts.functions] where span.isPresent { hash.add(body[span.range]) }
    hash.add(facts.system(in: body))
    for span in [facts.messages, facts.prompt, facts.input] where span.isPresent {
      hash.add(body[span.range])
    }
    return hash.value
  }
}
