// SPDX-License-Identifier: MIT

import Bytes
import JSON
public import ModelCatalog

/// Asks for an upstream's models, page by page, in the way of its API. Pure: `next` says what to
/// ask, `take` takes the answer, until `next` is nil.
///
/// | API | asked |
/// |---|---|
/// | OpenAI's and its like | `GET /models` |
/// | Anthropic | `GET /models?limit=1000`, `after_id` |
/// | Gemini | `GET /models?pageSize=1000`, `pageToken` |
/// | Vertex AI | `GET /v1beta1/publishers/google/models`, as Google's own SDK does |
/// | Bedrock | `GET /foundation-models` and `/inference-profiles`, of the control plane |
/// | Ollama | `GET /api/tags` |
///
/// Bedrock's control plane is `bedrock.REGION…` where the base URL is `bedrock-runtime.REGION…`;
/// else it is taken to be where the base URL is.
public struct ModelListing: Sendable {
  /// Of one listing; one with more is not believed.
  public static let pagesMaximum = 100
  public static let modelsMaximum = 10_000

  private enum Page: Sendable {
    case models(after: String?)
    case inferenceProfiles(after: String?)
  }

  private let wireProtocol: WireProtocol
  private let baseURL: BaseURL
  private let apiVersion: String?
  private var page: Page? = .models(after: nil)
  private var pageCount = 0
  private var seen: Set<String> = []
  /// In the order listed, each once.
  public private(set) var models: [ListedModel] = []

  /// - Parameter apiVersion: Azure's, where its paths have one.
  public init(
    _ wireProtocol: WireProtocol, at baseURL: BaseURL, apiVersion: String? = nil
  ) {
    self.wireProtocol = wireProtocol
    self.baseURL = baseURL
    self.apiVersion = apiVersion
  }

  // MARK: Asking

  /// What to ask next; nil when all is known.
  public var next: UpstreamRequest? {
    guard let page else { return nil }
    switch page {
    case .models(let token): return modelsRequest(after: token)
    case .inferenceProfiles(let token):
      return request("/inference-profiles?maxResults=1000" + parameter("nextToken", token))
    }
  }

  /// The cheapest sign of life that the API has: the first page, and a short one where that can be
  /// asked for.
  public static func probe(
    _ wireProtocol: WireProtocol, at baseURL: BaseURL, apiVersion: String? = nil
  ) -> UpstreamRequest {
    let listing = ModelListing(wireProtocol, at: baseURL, apiVersion: apiVersion)
    switch wireProtocol {
    case .anthropic: return listing.request("/models?limit=1")
    case .gemini: return listing.request("/models?pageSize=1")
    case .vertex: return listing.request("/v1beta1/publishers/google/models?pageSize=1")
    default: return listing.modelsRequest(after: nil)
    }
  }

  private func modelsRequest(after token: String?) -> UpstreamRequest {
    switch wireProtocol {
    case .anthropic: request("/models?limit=1000" + parameter("after_id", token))
    case .gemini: request("/models?pageSize=1000" + parameter("pageToken", token))
    case .vertex:
      request("/v1beta1/publishers/google/models?pageSize=100" + parameter("pageToken", token))
    case .bedrock: request("/foundation-models")
    case .ollama: request("/api/tags")
    default: request(apiVersion.map { "/openai/models?api-version=\($0)" } ?? "/models")
    }
  }

  private func request(_ path: String) -> UpstreamRequest {
    // Google's cloud lists what it publishes outside of projects.
    let prefix = wireProtocol == .vertex ? "" : baseURL.pathPrefix
    var request = UpstreamRequest(target: prefix + path)
    switch wireProtocol {
    case .anthropic: request.headers.append(("anthropic-version", "2023-06-01"))
    case .vertex:
      if let project = Self.project(in: baseURL.pathPrefix) {
        request.headers.append(("x-goog-user-project", project))
      }
    case .bedrock:
      let runtime = "bedrock-runtime."
      if baseURL.host.hasPrefix(runtime) {
        request.host = "bedrock." + baseURL.host.dropFirst(runtime.count)
      }
    default: break
    }
    return request
  }

  /// The project in `/v1/projects/PROJECT/locations/…`.
  private static func project(in path: String) -> String? {
    let steps = path.split(separator: "/")
    guard let place = steps.firstIndex(of: "projects"), place + 1 < steps.count else { return nil }
    return String(steps[place + 1])
  }

  private func parameter(_ name: String, _ value: String?) -> String {
    guard let value else { return "" }
    var text = "&\(name)="
    for byte in value.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f, 0x7e:
        text.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        text += "%" + (digits.count == 1 ? "0" : "") + digits
      }
    }
    return text
  }

  // MARK: Taking

  /// - Throws: `ListingProblem` where the answer is no page of models. Nothing more is to be asked
  ///   then.
  public mutating func take(_ answer: UpstreamAnswer) throws(ListingProblem) {
    guard let current = page else { return }
    page = nil
    guard answer.status == 200 else {
      // Not every account may list profiles, and not every server knows them. What is only busy or
      // broken does: half a list is none.
      if case .inferenceProfiles(after: nil) = current, (400..<500).contains(answer.status),
        answer.status != 408, answer.status != 429
      {
        return
      }
      throw ListingProblem(
        status: answer.status, "the list of models was answered with status \(answer.status)")
    }
    guard let root = try? JSONTree().parse(answer.body[...]), root.isObject || root.isArray else {
      throw ListingProblem(status: 200, "the list of models is no JSON object")
    }
    pageCount += 1
    switch current {
    case .models: page = try takeModels(root)
    case .inferenceProfiles: page = try takeProfiles(root)
    }
    if page != nil, pageCount >= Self.pagesMaximum {
      throw ListingProblem("the list of models has more than \(Self.pagesMaximum) pages")
    }
  }

  private mutating func takeModels(_ root: JSONNode) throws(ListingProblem) -> Page? {
    switch wireProtocol {
    case .anthropic:
      try add(root["data"], AnthropicListing.model)
      guard root["has_more"]?.bool == true, let last = root["last_id"]?.string else { return nil }
      return .models(after: last)
    case .gemini:
      // A server without models has no list at all.
      try add(root["models"], GoogleListing.model, isOptional: true)
      return root["nextPageToken"]?.string.flatMap { $0.isEmpty ? nil : .models(after: $0) }
    case .vertex:
      try add(root["publisherModels"], GoogleListing.publisherModel, isOptional: true)
      return root["nextPageToken"]?.string.flatMap { $0.isEmpty ? nil : .models(after: $0) }
    case .bedrock:
      try add(root["modelSummaries"], BedrockListing.model)
      return .inferenceProfiles(after: nil)
    case .ollama:
      try add(root["models"], OllamaListing.model)
      return nil
    default:
      // Some servers answer with the bare list.
      try add(root.isArray ? root : root["data"], OpenAIListing.model)
      return nil
    }
  }

  private mutating func takeProfiles(_ root: JSONNode) throws(ListingProblem) -> Page? {
    let known = Dictionary(models.map { ($0.name, $0) }) { first, _ in first }
    try add(root["inferenceProfileSummaries"]) { BedrockListing.profile($0, known) }
    return root["nextToken"]?.string.map { .inferenceProfiles(after: $0) }
  }

  private mutating func add(
    _ list: JSONNode?, _ read: (JSONNode) -> ListedModel?, isOptional: Bool = false
  ) throws(ListingProblem) {
    guard let list, list.isArray else {
      if isOptional, list == nil { return }
      throw ListingProblem(status: 200, "the answer is no list of models")
    }
    for element in list.elements {
      guard let model = read(element), !model.name.isEmpty,
        model.name.utf8.count <= CatalogLimits.nameBytesMaximum, seen.insert(model.name).inserted
      else { continue }
      guard models.count < Self.modelsMaximum else {
        throw ListingProblem("more than \(Self.modelsMaximum) models are listed")
      }
      models.append(model)
    }
  }
}
