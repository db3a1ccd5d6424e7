// SPDX-License-Identifier: MIT

import Clocks
import SimulatedWorld

/// One request of a client.
struct RequestPlan {
  let number: Int
  var api = ClientAPI.chat
  var model = ""
  var isStream = false
  var asksForUsage = false
  var hasTools = false
  var isChunked = false
  var paddingWords = 0
  /// Sent in pieces of so many bytes, `pieceDelay` apart; 0: at once.
  var pieceBytes = 0
  var pieceDelay = Interval.milliseconds(3)
  /// Milliseconds between the end of the one before and this.
  var thinkMilliseconds = 0

  var tag: String { "q\(number)x" }
}

/// A client: its requests, one connection at a time.
struct ClientPlan {
  let number: Int
  var requests: [RequestPlan] = []
  /// Does not wait for an answer before it sends the next request.
  var isPipelining = false
  var startMilliseconds = 0
  var conditions = LinkConditions()
}

/// Something that goes wrong. Each stands alone, so that a plan can be made smaller.
enum Fault: CustomStringConvertible {
  /// The answer to the `attempt`th time that a server sees a request: the fake provider's script.
  case answer(request: Int, attempt: Int, script: String)
  case connect(server: Int, ordinal: Int, ConnectFault)
  case resolve(ordinal: Int, delayMilliseconds: Int, fails: Bool)
  /// The client leaves when so many bytes of the answer have come.
  case leave(request: Int, bytes: Int, isReset: Bool)
  /// So many bytes of the request are sent, then none for a long time.
  case halfSent(request: Int, bytes: Int, leaves: Bool)
  /// The request has a key that the gateway does not know, and its client may not wait to be told.
  case stranger(request: Int, leaves: Bool)
  case slowReader(client: Int, bytes: Int, pauseMilliseconds: Int)
  case smallBuffers(bytes: Int)
  /// The server closes a connection so long after an answer, or with the next request.
  case idleClose(server: Int, ordinal: Int, milliseconds: Int, isReset: Bool)
  case pause(atMilliseconds: Int, milliseconds: Int)
  case wallStep(atMilliseconds: Int, seconds: Int)
  case terminate(atMilliseconds: Int)

  enum ConnectFault: String, CaseIterable {
    case refused, silence, resetAtOnce, slow
  }

  var description: String {
    switch self {
    case .answer(let request, let attempt, let script):
      "answer of q\(request)x, attempt \(attempt): \(script)"
    case .connect(let server, let ordinal, let fault):
      "connect \(ordinal) to s\(server): \(fault.rawValue)"
    case .resolve(let ordinal, let delay, let fails):
      "look-up \(ordinal): \(fails ? "fails" : "succeeds") after \(delay) ms"
    case .leave(let request, let bytes, let isReset):
      "client of q\(request)x leaves after \(bytes) bytes (\(isReset ? "RST" : "FIN"))"
    case .halfSent(let request, let bytes, let leaves):
      "q\(request)x: \(bytes) bytes are sent, then \(leaves ? "FIN" : "nothing")"
    case .stranger(let request, let leaves):
      "q\(request)x has another key\(leaves ? ", and its client leaves at once (RST)" : "")"
    case .slowReader(let client, let bytes, let pause):
      "client c\(client) reads \(bytes) bytes each \(pause) ms"
    case .smallBuffers(let bytes): "send buffers and windows of \(bytes) bytes"
    case .idleClose(let server, let ordinal, let milliseconds, let isReset):
      "s\(server) closes its connection \(ordinal) \(milliseconds) ms after an answer"
        + (isReset ? " (RST)" : "")
    case .pause(let at, let milliseconds): "at \(at) ms the gateway stands \(milliseconds) ms"
    case .wallStep(let at, let seconds): "at \(at) ms the civil clock steps \(seconds) s"
    case .terminate(let at): "SIGTERM at \(at) ms"
    }
  }
}

/// Everything about a run that is not the gateway: a value, made from a seed.
struct Plan {
  let seed: UInt64
  var settings = SettingsPlan()
  var limits = LimitsPlan()
  var machine = MachineConditions()
  var clients: [ClientPlan] = []
  var serverConditions = LinkConditions()
  var faults: [Fault] = []

  /// The gateway stands still now and then: nothing has to happen in time.
  var hasPauses: Bool {
    faults.contains {
      if case .pause = $0 { return true }
      return false
    }
  }

  func isStranger(_ request: RequestPlan) -> Bool {
    faults.contains {
      if case .stranger(request.number, _) = $0 { return true }
      return false
    }
  }

  func client(of request: RequestPlan) -> ClientPlan? {
    clients.first { $0.requests.contains { $0.number == request.number } }
  }

  var requests: [RequestPlan] { clients.flatMap(\.requests) }

  var lines: [String] {
    var lines = ["seed \(seed)", "settings \(settings)"]
    if !limits.isEmpty { lines.append("limits \(limits)") }
    for client in clients {
      let requests = client.requests.map {
        "\($0.tag) \($0.api.rawValue)\($0.isStream ? " stream" : "")\($0.hasTools ? " tools" : "")"
          + " \($0.model)"
      }
      lines.append(
        "client c\(client.number)\(client.isPipelining ? ", pipelining" : ""): "
          + requests.joined(separator: "; "))
    }
    for (index, fault) in faults.enumerated() { lines.append("fault \(index): \(fault)") }
    return lines
  }
}
