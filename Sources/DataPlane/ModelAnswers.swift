// SPDX-License-Identifier: MIT

internal import Bytes
internal import Clocks
internal import EventLoop
internal import HTTPWire
internal import ModelCatalog
internal import Network
internal import Routing

/// `GET /v1/models`, `GET /v1/models/{id}` and `GET /health`, in OpenAI's shapes.
extension Worker {
  /// Every model and group that the key may ask for and some deployment serves, groups first.
  func modelList(_ client: Client) -> String {
    let shape = modelShape(client)
    let catalog = client.pointee.exchange.lease!.pointee.snapshot.catalog
    var entries: [String] = []
    for position in 0..<catalog.groupCount {
      let group = catalog.group(GroupIndex(rawValue: UInt16(position)))
      if isOffered(group, client) {
        entries.append(entry(group.name.string, "gateway", shape))
      }
    }
    for position in 0..<catalog.namedModelCount {
      let index = ModelIndex(rawValue: UInt16(position))
      let model = catalog.model(index)
      if isOffered(index, client) {
        entries.append(
          entry(model.name.string, catalog.provider(model.provider).name.string, shape))
      }
    }
    let list = entries.joined(separator: ",")
    switch shape {
    case .anthropic: return "{\"data\":[\(list)],\"has_more\":false}"
    case .gemini: return "{\"models\":[\(list)]}"
    default: return "{\"object\":\"list\",\"data\":[\(list)]}"
    }
  }

  func answerModel(_ client: Client) {
    let catalog = client.pointee.exchange.lease!.pointee.snapshot.catalog
    let path = input(of: client)[client.pointee.head.path]
    let start = path.firstIndex(of: "/models/") ?? 0
    let name = Self.percentDecoded(path.dropFirst(start + 8))
    let found = name.withByteView { catalog.lookup($0) }
    switch found {
    case .model(let index) where isOffered(index, client):
      let model = catalog.model(index)
      answer(
        client,
        entry(
          model.name.string, catalog.provider(model.provider).name.string, modelShape(client)))
    case .group(let index) where isOffered(catalog.group(index), client):
      answer(client, entry(catalog.group(index).name.string, "gateway", modelShape(client)))
    default:
      if let owner = openOwner(name, client) {
        return answer(client, entry(name, owner, modelShape(client)))
      }
      let near = name.withByteView { nearestNames(to: $0, client) }
      let hint = near.isEmpty ? "" : " Did you mean \(near.joined(separator: ", "))?"
      refuse(
        client,
        GatewayError(
          .modelNotFound, "The model '\(name)' does not exist here.\(hint)", parameter: "model"))
    }
  }

  /// Of what the key may use and some deployment serves: other names are not told.
  func nearestNames(to name: ByteView, _ client: Client) -> [String] {
    let catalog = client.pointee.exchange.lease!.pointee.snapshot.catalog
    return catalog.nearestNames(to: name) { isOffered($0, client) }
  }

  private func isOffered(_ index: ModelIndex, _ client: Client) -> Bool {
    let snapshot = client.pointee.exchange.lease!.pointee.snapshot
    let catalog = snapshot.catalog
    return snapshot.mayUse(index, key: client.pointee.exchange.key)
      && catalog.model(index).deploymentCount > 0
  }

  /// The provider of a name that no model has and a pattern takes for this key.
  private func openOwner(_ name: String, _ client: Client) -> String? {
    let snapshot = client.pointee.exchange.lease!.pointee.snapshot
    return name.withByteView { view -> String? in
      guard snapshot.catalog.lookup(view) == nil,
        let index = snapshot.catalog.pattern(for: view)?.model,
        snapshot.mayUse(name: view, key: client.pointee.exchange.key)
      else { return nil }
      let model = snapshot.catalog.model(index)
      return snapshot.catalog.provider(model.provider).name.string
    }
  }

  private func isOffered(_ group: ModelGroup, _ client: Client) -> Bool {
    let catalog = client.pointee.exchange.lease!.pointee.snapshot.catalog
    return group.members.contains { isOffered(catalog.groupMember($0), client) }
  }

  /// Whose clients ask for models is told by their headers: they share the path.
  func modelShape(_ client: Client) -> ClientAPI {
    let fields = requestFields(client)
    if fields.contains(.xGoogAPIKey) { return .gemini }
    return fields.contains(named: "anthropic-version") ? .anthropic : .openAI
  }

  private func entry(_ name: String, _ owner: String, _ shape: ClientAPI) -> String {
    var quoted = ""
    GatewayError.appendQuoted(name, to: &quoted)
    switch shape {
    case .anthropic:
      let date = Timestamp(nanosecondsSinceEpoch: shared.startSeconds * 1_000_000_000)
        .rfc3339(fractionDigits: 0)
      return "{\"type\":\"model\",\"id\":\(quoted),\"display_name\":\(quoted),"
        + "\"created_at\":\"\(date)\"}"
    case .gemini:
      let methods = "[\"generateContent\",\"streamGenerateContent\"]"
      return "{\"name\":\"models/\(quoted.dropFirst()),\"displayName\":\(quoted),"
        + "\"supportedGenerationMethods\":\(methods)}"
    default: break
    }
    var text = "{\"id\":"
    GatewayError.appendQuoted(name, to: &text)
    text += ",\"object\":\"model\",\"created\":\(shared.startSeconds),\"owned_by\":"
    GatewayError.appendQuoted(owner, to: &text)
    return text + "}"
  }

  static func percentDecoded(_ text: ByteView) -> String {
    var bytes: [UInt8] = []
    var index = 0
    while index < text.count {
      if text[index] == UInt8(ascii: "%"), index + 2 < text.count,
        let value = UInt8(text[index + 1..<index + 3].string, radix: 16)
      {
        bytes.append(value)
        index += 3
      } else {
        bytes.append(text[index])
        index += 1
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// How many deployments are healthy, and what serves.
  func healthReport(_ client: Client) -> String {
    let lease = client.pointee.exchange.lease!
    var closed = 0
    for position in 0..<lease.pointee.deploymentCount
    where lease.pointee.deployments[position].health.circuit.state == .closed {
      closed += 1
    }
    var text = "{\"status\":\"\(isDraining ? "draining" : "healthy")\",\"policy_version\":"
    GatewayError.appendQuoted(lease.pointee.snapshot.version, to: &text)
    text += ",\"policies\":\(lease.pointee.snapshot.policyCount)"
    text += ",\"models\":\(lease.pointee.snapshot.catalog.namedModelCount)"
    text += ",\"deployments\":\(lease.pointee.deploymentCount)"
    text += ",\"healthy_deployments\":\(closed)}"
    return text
  }
}
