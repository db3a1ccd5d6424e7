// SPDX-License-Identifier: MIT

internal import Accounts
internal import Bytes
internal import HTTPWire
internal import JSON
internal import ModelCatalog
internal import Network
internal import Providers
internal import Routing
internal import Translation

/// OpenAI's Responses API where the provider has it too: bodies pass, and what a request says of
/// earlier responses goes to the account that keeps them.
extension Worker {
  private func owner(_ client: Client) -> KeyDigest {
    client.pointee.exchange.lease!.pointee.snapshot.keys.record(client.pointee.exchange.key).digest
  }

  /// Whose earlier answers are kept apart: by the key itself, since a reload may give its place in
  /// the table to another.
  func tenant(_ client: Client) -> UInt64 {
    UInt64(truncatingIfNeeded: owner(client).hashValue)
  }

  /// Remembers where a response is kept, and the conversation that it is a part of.
  func keepPlace(_ client: Client, _ call: ForeignCall, _ id: JSONText?) {
    guard client.pointee.exchange.endpoint == .responses, call.isPassing, let id else { return }
    let place = ResponsePlace(
      model: requestedModel(client).string, currentDeployment(client).pointee.deployment)
    for id in [id.plain, call.conversation].compactMap({ $0 }) {
      shared.responses.keep(
        id, at: place, owner: owner(client), nowMilliseconds: nowMilliseconds)
    }
  }

  // MARK: Requests that go on from an earlier response

  /// What a request goes on from.
  private enum Memory: String, CaseIterable {
    case response = "previous_response_id"
    /// Conversations are made without the gateway: the first key that uses one has it.
    case conversation = "conversation"
  }

  /// Binds a request to the account of the response or conversation it goes on from. False when
  /// that is another key's, and the client has been told.
  func pinResponse(_ client: Client) -> Bool {
    let memories = memories(client)
    for memory in Memory.allCases {
      let ids = memories.filter { $0.memory == memory }.map(\.id)
      guard let id = ids.first else { continue }
      // Which of two would the provider believe?
      guard ids.count == 1 else {
        refuse(
          client,
          GatewayError(
            .invalidParameter, "The parameter '\(memory.rawValue)' occurs more than once.",
            parameter: memory.rawValue))
        return false
      }
      switch shared.responses.find(id, owner: owner(client), nowMilliseconds: nowMilliseconds) {
      case .unknown: break
      case .foreign:
        refuseResponse(client, id, parameter: memory.rawValue)
        return false
      case .here(let place):
        // Where the account does not serve this model, the provider's own word on the id counts.
        if isPlanned(client, place) { makeForeignCall(client).place = place }
      }
      if memory == .conversation { makeForeignCall(client).conversation = id }
    }
    return true
  }

  /// Most bodies do not have the members: they are searched, not parsed. A name may be written with
  /// escapes.
  private func memories(_ client: Client) -> [(memory: Memory, id: String)] {
    let body = body(of: client)
    guard
      body.firstIndex(of: "\"previous_response_id\"") != nil
        || body.firstIndex(of: "\"conversation\"") != nil || body.firstIndex(of: "\\u") != nil,
      let root = try? JSONTree().parse(body)
    else { return [] }
    return root.members.compactMap { name, value in
      guard let memory = Memory(rawValue: name.plain),
        let id = value.string ?? value["id"]?.string
      else { return nil }
      return (memory, id)
    }
  }

  private func isPlanned(_ client: Client, _ place: ResponsePlace) -> Bool {
    (0..<client.pointee.exchange.plan.attemptCount).contains {
      place.isAt(deployment(client, step: $0).pointee.deployment)
    }
  }

  private func refuseResponse(_ client: Client, _ id: String, parameter: String?) {
    refuse(
      client,
      GatewayError(
        .responseNotFound,
        "'\(String(id.prefix(80)))' is not known here: it was made or used by another key, or "
          + "without this gateway, not passed to a provider that keeps responses, or too long ago.",
        parameter: parameter))
  }

  // MARK: Responses that are kept

  /// `GET` and `DELETE /v1/responses/{id}`, `…/cancel`, `…/input_items`: to the account that keeps
  /// the response, if the policies still let its model be used.
  func storedResponse(_ client: Client) {
    let path = input(of: client)[client.pointee.head.path]
    let id = Self.percentDecoded(APIEndpoint.responseID(in: path))
    guard
      case .here(let place) = shared.responses.find(
        id, owner: owner(client), nowMilliseconds: nowMilliseconds)
    else {
      refuseResponse(client, id, parameter: nil)
      return
    }
    makeForeignCall(client).place = place
    guard route(client) else { return }
    guard isPlanned(client, place) else {
      refuseResponse(client, id, parameter: nil)
      return
    }
    attempt(client)
  }

  func prepareResponse(
    _ client: Client, _ call: ForeignCall, _ deployment: Deployment, _ target: UpstreamModel
  ) {
    guard client.pointee.exchange.endpoint.task == .storedResponse else {
      call.pass(
        to: OpenAIResponses.self, target, isStream: client.pointee.exchange.wantsStream,
        ownBody(client, target))
      return
    }
    let bytes = input(of: client)
    let path = bytes[client.pointee.head.path]
    let start = path.firstIndex(of: "/responses/") ?? 0
    let query = Self.withoutVersion(bytes[client.pointee.head.query])
    let method: UpstreamMethod =
      switch client.pointee.head.method {
      case .delete: .delete
      case .get: .get
      default: .post
      }
    call.passStored(
      method: method,
      path: path.dropFirst(start).string + (query.isEmpty ? "" : "?\(query)"))
  }

  /// A query without the version of Azure's API that the client speaks: the gateway says its own.
  private static func withoutVersion(_ query: ByteView) -> String {
    query.string.split(separator: "&").filter { !$0.hasPrefix("api-version=") }
      .joined(separator: "&")
  }
}
