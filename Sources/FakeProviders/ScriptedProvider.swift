// SPDX-License-Identifier: MIT

internal import ControlPlane
internal import Synchronization

/// The built-in provider: an OpenAI-compatible API that answers by rule, without any model.
///
/// Pure but for its counters: a request in, a list of things to do on the wire out. The server
/// ``ScriptedProviderServer`` does them; tests may look at the list itself.
public final class ScriptedProvider: Sendable {
  public struct Options: Sendable {
    /// The models of `GET /v1/models`.
    public var models: [String]
    /// Whether a model that is not listed is answered all the same.
    public var acceptsAnyModel: Bool
    /// Keys accepted in `Authorization: Bearer`, `api-key` or `x-api-key`; empty for no check.
    public var acceptedKeys: [String]
    /// Applied to every request before its own script.
    public var defaultScript: Script

    public init(
      models: [String] = ["gpt-4o-mini", "gpt-4o", "text-embedding-3-small"],
      acceptsAnyModel: Bool = true, acceptedKeys: [String] = [], defaultScript: Script = Script()
    ) {
      self.models = models
      self.acceptsAnyModel = acceptsAnyModel
      self.acceptedKeys = acceptedKeys
      self.defaultScript = defaultScript
    }
  }

  /// How many script ids with `times` are remembered; the next one forgets them all.
  static let identifiersMaximum = 10_000

  public let options: Options
  private let now: @Sendable () -> Int64
  private let state = Mutex(State())

  private struct State {
    var usesByIdentifier: [String: Int] = [:]
    var queuedScripts: [Script] = []
  }

  /// - Parameter now: seconds since 1970, for `created`.
  public init(_ options: Options = Options(), now: @escaping @Sendable () -> Int64) {
    self.options = options
    self.now = now
  }

  /// Lets the next requests to come have these scripts, one each, before their own.
  public func enqueue(_ scripts: [Script]) {
    state.withLock { $0.queuedScripts.append(contentsOf: scripts) }
  }

  /// What to send for `request`. - Parameter keepsAlive: whether the client wants the connection
  /// kept; - Parameter allowsChunks: false for an HTTP/1.0 client.
  public func respond(
    to request: ReceivedRequest, keepsAlive: Bool = true, allowsChunks: Bool = true
  ) -> [WireStep] {
    var script = Script()
    let answer: ProviderAnswer
    do {
      answer = try self.answer(request, &script)
    } catch {
      answer = ProviderAnswer(error)
    }
    return WirePlan(
      answer: answer, script: script, isHead: request.method == "HEAD", keepsAlive: keepsAlive,
      allowsChunks: allowsChunks
    ).steps
  }

  private func answer(
    _ request: ReceivedRequest, _ script: inout Script
  ) throws(ProviderError) -> ProviderAnswer {
    let path = request.path
    if path.hasSuffix("/models") || path.contains("/models/") { return try models(request) }
    let endpoints = ["/chat/completions", "/completions", "/embeddings"]
    guard let endpoint = endpoints.first(where: path.hasSuffix) else {
      throw .invalidRequest(
        "Invalid URL (\(request.method) \(path))", code: "unknown_url", status: 404)
    }
    guard request.method == "POST" else {
      throw .invalidRequest(
        "Not allowed to \(request.method) on \(path).", code: "method_not_supported", status: 405)
    }
    try checkKey(request)
    let body: JSONValue
    do {
      body = try JSONValue(parsing: request.body)
    } catch {
      throw .invalidRequest(
        "We could not parse the JSON body of your request. (\(error.message))")
    }
    do {
      script = try resolveScript(request, user: body["user"]?.stringValue ?? "")
    } catch {
      throw ProviderError(error)
    }
    if let answer = scriptedError(script) { return answer }
    try checkModel(body["model"]?.stringValue)
    return try answer(endpoint, body, script)
  }

  private func answer(
    _ endpoint: String, _ body: JSONValue, _ script: Script
  ) throws(ProviderError) -> ProviderAnswer {
    switch endpoint {
    case "/chat/completions":
      let request = try ChatRequest(body)
      let answer = ChatAnswer(request, script: script)
      if request.isStream {
        let events = answer.events(for: request, created: now(), script: script)
        return ProviderAnswer(status: 200, body: .events(events))
      }
      return .json(answer.body(for: request, created: now(), omitsUsage: script.omitsUsage))
    case "/completions":
      return try CompletionEndpoint(body).answer(script: script, created: now())
    default:
      return try EmbeddingEndpoint(body).answer()
    }
  }

  /// The error answer a script asks for, if it does.
  private func scriptedError(_ script: Script) -> ProviderAnswer? {
    if script.isHTML {
      let status = script.status ?? 502
      let page =
        "<html><head><title>\(status)</title></head><body><h1>\(status)</h1>"
        + "<hr>scripted proxy</body></html>\n"
      return ProviderAnswer(
        status: status, body: .whole(Array(page.utf8), contentType: "text/html"))
    }
    guard let status = script.status else { return nil }
    var answer = ProviderAnswer(.scripted(status: status, code: script.errorCode))
    if let seconds = script.retryAfterSeconds {
      answer.headers.append(("Retry-After", String(seconds)))
    }
    if let milliseconds = script.retryAfterMilliseconds {
      answer.headers.append(("retry-after-ms", String(milliseconds)))
    }
    return answer
  }

  private func resolveScript(
    _ request: ReceivedRequest, user: String
  ) throws(Script.ParseError) -> Script {
    let queued = state.withLock { $0.queuedScripts.isEmpty ? nil : $0.queuedScripts.removeFirst() }
    var script = queued ?? options.defaultScript
    try script.apply(user: user)
    try script.apply(headers: request.headers)
    guard let times = script.times else { return script }
    let identifier = script.identifier
    let uses = state.withLock { state in
      if state.usesByIdentifier.count >= Self.identifiersMaximum {
        state.usesByIdentifier.removeAll(keepingCapacity: true)
      }
      state.usesByIdentifier[identifier, default: 0] += 1
      return state.usesByIdentifier[identifier] ?? 0
    }
    return uses <= times ? script : options.defaultScript
  }

  private func checkKey(_ request: ReceivedRequest) throws(ProviderError) {
    if options.acceptedKeys.isEmpty { return }
    let bearer = request.header("authorization").map { $0.split(separator: " ").last ?? "" }
    let given = bearer.map(String.init) ?? request.header("api-key") ?? request.header("x-api-key")
    if let given, options.acceptedKeys.contains(given) { return }
    throw ProviderError.scripted(status: 401, code: nil)
  }

  private func checkModel(_ model: String?) throws(ProviderError) {
    guard let model, !options.acceptsAnyModel, !options.models.contains(model) else { return }
    throw .unknownModel(model)
  }

  private func models(_ request: ReceivedRequest) throws(ProviderError) -> ProviderAnswer {
    try checkKey(request)
    guard request.method == "GET" || request.method == "HEAD" else {
      throw .invalidRequest(
        "Not allowed to \(request.method) on \(request.path).", code: "method_not_supported",
        status: 405)
    }
    let path = request.path
    if path.hasSuffix("/models") {
      return .json(["object": "list", "data": .array(options.models.map(Self.modelObject))])
    }
    let name = Script.percentDecoded(path.split(separator: "/models/", maxSplits: 1).last ?? "")
    guard options.models.contains(name) else { throw .unknownModel(name) }
    return .json(Self.modelObject(name))
  }

  private static func modelObject(_ name: String) -> JSONValue {
    [
      "id": .string(name), "object": "model", "created": 1_735_689_600, "owned_by": "scripted",
    ]
  }
}
