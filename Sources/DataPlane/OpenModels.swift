// SPDX-License-Identifier: MIT

internal import Bytes
internal import ModelCatalog
internal import Providers
internal import Routing

/// Models that no catalogue has, taken by a pattern of `model_routing`: their names are the
/// request's, in memory that is good until a name is read again.
extension Worker {
  /// What the upstream is asked for, where its deployment is open.
  @inline(never)
  func openModel(_ client: Client, _ deployment: Deployment) -> ByteView {
    requestedModel(client).dropFirst(Int(deployment.droppedPrefixCount))
  }

  /// Where a request of `client` goes at a deployment.
  func upstreamEndpoint(_ client: Client, _ deployment: Deployment) -> UpstreamEndpoint {
    var endpoint = UpstreamEndpoint(deployment)
    if deployment.isOpen { endpoint.model = openModel(client, deployment) }
    return endpoint
  }

  /// What clients, logs and traces are told of a model: its name, or what the request called it.
  /// A stream's request may be forgotten when something goes wrong late; then it is the pattern.
  @inline(__always)
  func shownName(_ client: Client, _ model: Model) -> ByteView {
    model.origin != .pattern || headBytes(client).isEmpty ? model.name : requestedModel(client)
  }

  @inline(never)
  func appendOpenModelFields(_ client: Client, _ model: Model, to head: inout ByteWriter) {
    let catalog = client.pointee.exchange.lease!.pointee.snapshot.catalog
    head.append("x-gateway-model: ")
    head.append(shownName(client, model))
    head.append("\r\nx-gateway-provider: ")
    head.append(catalog.provider(model.provider).name)
    head.append("\r\n")
  }

  /// Why a pattern does not take a name that no model has; empty where none matches.
  func patternHint(_ catalog: Catalog, _ requested: ByteView) -> String {
    guard let pattern = catalog.pattern(for: requested), pattern.model == nil else { return "" }
    return " (model_routing's '\(pattern.text.string)' takes such names where it has a gateway "
      + "that is set up and a price, its own or routing.unpriced_models.)"
  }
}
