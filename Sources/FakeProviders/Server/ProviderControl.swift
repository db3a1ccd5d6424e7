// SPDX-License-Identifier: MIT

internal import ControlPlane
internal import Synchronization

/// `/_scripted/…`: what a test outside of the process asks of the fake itself.
///
/// - `POST /_scripted/queue` with `["status=429", "cut_at=20"]`: the next requests have these
///   scripts, one each, before their own.
/// - `POST /_scripted/standing` with `["status=503"]`: every request has this script before its own
///   from now on, lists of models too; `[]` takes it back.
/// - `GET /_scripted/requests`: the last requests, `[{"method", "target", "headers", "body"}]`,
///   headers as pairs in the order sent; `DELETE` forgets them.
/// - `GET /_scripted/activity`: the counters of ``ScriptedProviderServer/Activity``.
///
/// Requests to it are not counted or recorded.
struct ProviderControl {
  static let prefix = "/_scripted/"
  private static let queueMaximum = 1_000

  let core: ProviderServerCore

  /// Nil when the request is for the provider.
  func answer(_ request: ReceivedRequest) -> ProviderAnswer? {
    guard request.path.hasPrefix(Self.prefix) else { return nil }
    switch (request.method, request.path.dropFirst(Self.prefix.count)) {
    case ("POST", "queue"):
      return withScripts(request.body) { scripts in
        core.provider.enqueue(scripts)
        return ["queued": JSONValue(scripts.count)]
      }
    case ("POST", "standing"):
      return withScripts(request.body) { scripts in
        core.provider.setStandingScript(scripts.last)
        return [:]
      }
    case ("GET", "requests"):
      return .json(.array(core.recorded.withLock { $0 }.map(Self.object)))
    case ("DELETE", "requests"):
      core.recorded.withLock { $0.removeAll() }
      return .json([:])
    case ("GET", "activity"): return .json(activity)
    default: return .json(["error": "unknown control path"], status: 404)
    }
  }

  private func withScripts(
    _ body: [UInt8], _ use: ([Script]) -> JSONValue
  ) -> ProviderAnswer {
    guard let texts = (try? JSONValue(parsing: body))?.arrayValue,
      texts.count <= Self.queueMaximum
    else {
      return .json(["error": "expected an array of scripts"], status: 400)
    }
    var scripts: [Script] = []
    for text in texts {
      var script = core.provider.options.defaultScript
      do throws(Script.ParseError) {
        try script.apply(user: Script.userPrefix + (text.stringValue ?? ""))
      } catch {
        return .json(["error": .string(error.message)], status: 400)
      }
      scripts.append(script)
    }
    return .json(use(scripts))
  }

  private static func object(_ request: ReceivedRequest) -> JSONValue {
    [
      "method": .string(request.method), "target": .string(request.target),
      "headers": .array(request.headers.map { [.string($0.name), .string($0.value)] }),
      "body": .string(String(decoding: request.body, as: UTF8.self)),
    ]
  }

  private var activity: JSONValue {
    let counts = core.activity.withLock { $0 }
    return [
      "connections": JSONValue(counts.connections),
      "open_connections": JSONValue(counts.openConnections),
      "requests": JSONValue(counts.requests), "completed": JSONValue(counts.completed),
      "abandoned": JSONValue(counts.abandoned),
    ]
  }
}
