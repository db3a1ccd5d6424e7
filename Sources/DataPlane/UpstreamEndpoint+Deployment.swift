// SPDX-License-Identifier: MIT

internal import Bytes
internal import ModelCatalog
internal import Providers

extension UpstreamEndpoint {
  /// Where requests of a deployment go.
  init(_ deployment: Deployment) {
    self.init(
      authority: deployment.endpoint.hostHeader, basePath: deployment.endpoint.pathPrefix,
      query: deployment.apiVersionQuery, credential: deployment.apiKey,
      credentialForm: CredentialForm(deployment.authentication),
      pathStyle: deployment.apiVersionQuery.isEmpty ? .openAI : .azureDeployments,
      model: deployment.upstreamModel)
  }
}

extension CredentialForm {
  init(_ style: AuthenticationStyle) {
    self =
      switch style {
      case .bearer: .bearer
      case .apiKey: .apiKey
      case .xAPIKey: .xAPIKey
      case .googleAPIKey: .xGoogAPIKey
      case .none: .none
      }
  }
}

extension Deployment {
  /// Whether a stream's usage can be asked for: Azure's API cannot before this version.
  var takesStreamOptions: Bool {
    let version = apiVersionQuery.dropFirst("api-version=".utf8.count)
    return version.isEmpty || version.string >= "2024-09-01"
  }
}
