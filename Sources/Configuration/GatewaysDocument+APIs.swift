// SPDX-License-Identifier: MIT

internal import ModelCatalog

/// Which of OpenAI's APIs an account has, and where they are.
extension GatewaysDocument {
  /// The keys `api_version`, `responses_api` and `responses_only`.
  func readAPIs(_ section: Section, _ description: inout GatewayDescription) {
    readVersion(section["api_version"], &description)
    let isOpenAI = [.openAI, .azure, .openAIResponses].contains(description.wireProtocol)
    let hasResponses = section["responses_api"]?.boolean()
    description.hasResponses = hasResponses ?? (isOpenAI && description.apiVersion == nil)
    if let field = section["responses_only"], hasResponses == false {
      field.report("`responses_only` contradicts `responses_api: false`")
    }
    if let field = section["responses_api"], hasResponses == true, description.apiVersion != nil {
      field.report(
        "the Responses API is under `/openai/v1`, not where `api_version` leads",
        help: "leave `api_version` out")
    }
  }

  /// With a version Azure's address is that of the resource: the paths name the deployment.
  private func readVersion(_ field: Field?, _ description: inout GatewayDescription) {
    guard let field, let version = field.text() else { return }
    guard description.wireProtocol == .azure else {
      field.report("`api_version` is for gateways of type `azure`")
      return
    }
    guard Self.isVersion(version) else {
      field.report("`\(field.written())` is no version of an API", help: "such as 2024-10-21")
      return
    }
    description.apiVersion = version
    guard let path = description.baseURL?.pathPrefix else { return }
    switch path {
    case "", "/v1", "/openai": description.baseURL?.pathPrefix = ""
    case _ where path.hasSuffix("/openai/v1"):
      field.report(
        "`/openai/v1` has no versions", help: "leave `/v1` out of `base_url`, or `api_version`")
    case _ where path.hasSuffix("/openai"):
      description.baseURL?.pathPrefix = String(path.dropLast(7))
    default: break
    }
  }

  /// A date, with or without `-preview`.
  private static func isVersion(_ text: String) -> Bool {
    ModelsDocument.isDate(text.hasSuffix("-preview") ? String(text.dropLast(8)) : text)
  }
}
