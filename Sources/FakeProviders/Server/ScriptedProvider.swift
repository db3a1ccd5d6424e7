// SPDX-License-Identifier: MIT

internal import ControlPlane
internal import Synchronization

/// The built-in provider: the APIs of the providers, answered by rule, without any model.
///
/// Pure but for its counters: a request in, a list of things to do on the wire out. The server
/// ``ScriptedProviderServer`` does them; tests may look at the list itself.
public final class ScriptedProvider: Sendable {
  public struct Options: Sendable {
    /// Whose API it speaks; nil for each one's on its own paths.
    public var wire: Wire?
    /// The models of `GET /v1/models`.
    public var models: [String]
    /// Whether a model that is not listed is answered all the same.
    public var acceptsAnyModel: Bool
    /// Keys accepted where each provider has its key; empty for any. OpenAI's family and Ollama
    /// then need none at all.
    public var acceptedKeys: [String]
    /// Verifies AWS signatures with this key; nil for a check of the form alone.
    public var signingKey: SigningKey?
    /// Applied to every request before its own script.
    public var defaultScript: Script
    /// Models on one page of a list, where the API has pages.
    public var pageModelsMaximum = 1_000

    public init(
      wire: Wire? = nil, models: [String] = ["gpt-4o-mini", "gpt-4o", "text-embedding-3-small"],
      acceptsAnyModel: Bool = true, acceptedKeys: [String] = [], signingKey: SigningKey? = nil,
      defaultScript: Script = Script()
    ) {
      self.wire = wire
      self.models = models
      self.acceptsAnyModel = acceptsAnyModel
      self.acceptedKeys = acceptedKeys
      self.signingKey = signingKey
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
    var standingScript: Script?
    var responses = KeptResponses()
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

  /// From now on requests have this script before their own in place of the default one, and lists
  /// of models have it too; nil goes back.
  public func setStandingScript(_ script: Script?) {
    state.withLock { $0.standingScript = script }
  }

  /// What lists of models have; nil for none.
  var standingScript: Script? { state.withLock { $0.standingScript } }

  private var baseScript: Script { standingScript ?? options.defaultScript }

  /// What to send for `request`. - Parameter keepsAlive: whether the client wants the connection
  /// kept; - Parameter allowsChunks: false for an HTTP/1.0 client.
  public func respond(
    to request: ReceivedRequest, keepsAlive: Bool = true, allowsChunks: Bool = true
  ) -> [WireStep] {
    var exchange = WireExchange(
      provider: self, request: request, wire: options.wire ?? Wire.speaking(request), now: now())
    let answer: ProviderAnswer
    do {
      answer = try exchange.answer()
    } catch {
      answer = exchange.answer(error)
    }
    return WirePlan(
      answer: answer, wire: exchange.wire, script: exchange.script,
      isHead: request.method == "HEAD", keepsAlive: keepsAlive, allowsChunks: allowsChunks
    ).steps
  }

  /// The script of one request: queued or default, then its own, for as many times as it says.
  func script(
    of request: ReceivedRequest, user: String, body: JSONValue
  ) throws(Script.ParseError) -> Script {
    let queued = state.withLock { $0.queuedScripts.isEmpty ? nil : $0.queuedScripts.removeFirst() }
    var script = queued ?? baseScript
    try script.apply(user: user)
    try script.apply(prompt: body)
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
    return uses <= times ? script : baseScript
  }

  /// The responses that accounts may refer to.
  func withResponses<Result: Sendable>(
    _ body: (inout sending KeptResponses) -> Result
  ) -> Result {
    state.withLock { body(&$0.responses) }
  }
}
