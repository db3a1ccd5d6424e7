// SPDX-License-Identifier: MIT

internal import ControlPlane

/// One request on its way to an answer: what all wires do alike.
struct WireExchange {
  let provider: ScriptedProvider
  let request: ReceivedRequest
  var wire: Wire
  /// Seconds since 1970.
  let now: Int64
  /// Read with the body; what an error meets before that has no script.
  private(set) var script = Script()
  /// Whether an error is the one element of an array.
  var isArray = false

  init(provider: ScriptedProvider, request: ReceivedRequest, wire: Wire, now: Int64) {
    self.provider = provider
    self.request = request
    self.wire = wire
    self.now = now
  }

  var options: ScriptedProvider.Options { provider.options }
  var path: String { request.path }

  mutating func answer() throws(ProviderError) -> ProviderAnswer {
    if request.method == "GET", Self.lists.contains(where: path.hasSuffix),
      let standing = provider.standingScript
    {
      script = standing
      if let failure = scriptedFailure { return failure }
    }
    switch wire {
    case .openai, .azure, .deepseek, .xai, .vllm: return try answerOpenAI()
    case .anthropic: return try answerAnthropic()
    case .gemini: return try answerGemini()
    case .bedrock: return try answerBedrock()
    case .ollama: return try answerOllama()
    }
  }

  private static let lists = [
    "/models", "/api/tags", "/foundation-models", "/inference-profiles",
  ]

  /// The page of the models' list that begins at `token`, a number, and the token of the next one.
  func page(
    at token: String?, limit: String?
  ) -> (models: ArraySlice<String>, next: String?) {
    let start = min(token.flatMap { Int($0) } ?? 0, options.models.count)
    let count = min(limit.flatMap { Int($0) } ?? 1_000, options.pageModelsMaximum)
    let page = options.models[max(start, 0)...].prefix(max(count, 1))
    return (page, page.endIndex < options.models.count ? String(page.endIndex) : nil)
  }

  /// The JSON body, and with it the script. `user` picks the user field out of the body.
  mutating func readBody(
    user: (JSONValue) -> String? = { _ in nil }
  ) throws(ProviderError) -> JSONValue {
    let body: JSONValue
    do {
      body = try JSONValue(parsing: request.body)
    } catch {
      throw .invalidRequest(
        "We could not parse the JSON body of your request. (\(error.message))")
    }
    return try readScript(of: body, user: user(body))
  }

  /// The script of a body that has been read, which is returned.
  mutating func readScript(
    of body: JSONValue, user: String? = nil
  ) throws(ProviderError) -> JSONValue {
    do {
      script = try provider.script(of: request, user: user ?? "", body: body)
    } catch {
      throw ProviderError(error)
    }
    if let asked = script.wire, wire.isOpenAIFamily, asked.isOpenAIFamily { wire = asked }
    return body
  }

  /// The error or error page that a script asks for in place of an answer, if it does. A class of
  /// error that goes into the body or into the stream is none.
  var scriptedFailure: ProviderAnswer? {
    if script.isHTML {
      let status = script.status ?? 502
      let page =
        "<html><head><title>\(status)</title></head><body><h1>\(status)</h1>"
        + "<hr>scripted proxy</body></html>\n"
      return ProviderAnswer(
        status: status, body: .whole(Array(page.utf8), contentType: "text/html"))
    }
    if script.hasErrorBody || script.errorAtChunk != nil, script.status == nil { return nil }
    guard let kind = script.errorKind ?? script.status.map(ProviderError.Kind.init(status:)) else {
      return nil
    }
    var error = ProviderError(kind, code: script.errorCode, status: script.status)
    let seconds = script.retryAfterSeconds
    error.retryAfterMilliseconds = script.retryAfterMilliseconds ?? seconds.map { $0 * 1_000 }
    var answer = answer(error)
    if let seconds { answer.headers.append(("Retry-After", String(seconds))) }
    if let milliseconds = script.retryAfterMilliseconds {
      answer.headers.append(("retry-after-ms", String(milliseconds)))
    }
    return answer
  }

  /// The answer that an error is.
  func answer(_ error: ProviderError) -> ProviderAnswer {
    var answer = wire.answer(error)
    if isArray, case .whole(let bytes, let contentType) = answer.body {
      answer.body = .whole(
        [UInt8(ascii: "[")] + bytes + [UInt8(ascii: "]")], contentType: contentType)
    }
    return answer
  }

  // MARK: Checks

  func checkMethod(_ methods: String...) throws(ProviderError) {
    if methods.contains(request.method) { return }
    throw ProviderError(.methodNotAllowed, "Not allowed to \(request.method) on \(path).")
  }

  /// The token of `Authorization: Bearer`.
  var bearerToken: String? {
    guard let header = request.header("authorization") else { return nil }
    let parts = header.split(separator: " ")
    guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
    return String(parts[1])
  }

  /// Whether one of `keys` is accepted; where any is, whether there is one.
  func accepts(_ keys: String?...) -> Bool {
    let given = keys.compactMap { $0 }
    return options.acceptedKeys.isEmpty
      ? !given.isEmpty : given.contains(where: options.acceptedKeys.contains)
  }

  func knowsModel(_ model: String) -> Bool {
    options.acceptsAnyModel || options.models.contains(model)
  }
}
