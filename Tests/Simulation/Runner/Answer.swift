// SPDX-License-Identifier: MIT

import ControlPlane

/// What a model said, whatever the API.
struct Answer: Equatable, CustomStringConvertible {
  struct Call: Equatable {
    var name = ""
    var arguments = ""

    /// Nil where the arguments are no JSON. No text at all means no arguments.
    var value: JSONValue? {
      arguments.isEmpty ? .object([]) : try? JSONValue(parsing: Array(arguments.utf8))
    }
  }

  var text = ""
  var calls: [Call] = []
  /// `stop` or `tool_calls`, or what else stood there.
  var ending: String?

  init() {}

  /// An answer that passes as it is.
  init(passed body: [UInt8]) {
    text = String(decoding: body, as: UTF8.self)
    ending = "stop"
  }

  /// The arguments of calls as JSON values compare, not as text.
  func says(_ other: Answer) -> Bool {
    guard text == other.text, calls.count == other.calls.count else { return false }
    return zip(calls, other.calls).allSatisfy { one, two in
      one.name == two.name && one.value != nil && one.value == two.value
    }
  }

  /// Whether `other`, or more of it, may follow: a broken stream has shown a beginning.
  func begins(_ other: Answer) -> Bool {
    guard other.text.utf8.starts(with: text.utf8), calls.count <= other.calls.count else {
      return false
    }
    for (index, call) in calls.enumerated() {
      let whole = other.calls[index]
      if call.name != whole.name { return false }
    }
    return true
  }

  var description: String {
    let words = text.count > 60 ? "\(text.prefix(60))… (\(text.utf8.count) bytes)" : text
    let names = calls.map { "\($0.name)(\($0.arguments))" }.joined(separator: " ")
    return "\"\(words)\" \(names) ending \(ending ?? "none")"
  }
}

/// How a request ended for its client.
enum ClientOutcome: CustomStringConvertible {
  /// The answer came to its good end.
  case good(Answer, status: Int)
  /// An error instead of an answer, in the right form.
  case refused(status: Int, code: String)
  /// A stream that ended with an error event.
  case failed(Answer, code: String)
  /// The connection ended within the answer, or before it.
  case broken(Answer?)
  /// What came is no valid answer.
  case invalid(String)
  /// The client left by its own plan.
  case left
  /// The connection ended before the request had its turn.
  case dropped

  var description: String {
    switch self {
    case .good(let answer, let status): "good \(status) \(answer)"
    case .refused(let status, let code): "refused \(status) \(code)"
    case .failed(let answer, let code): "failed by event (\(code)) after \(answer)"
    case .broken(let answer): "broken after \(answer.map(\.description) ?? "nothing")"
    case .invalid(let reason): "invalid: \(reason)"
    case .left: "left"
    case .dropped: "dropped"
    }
  }
}
