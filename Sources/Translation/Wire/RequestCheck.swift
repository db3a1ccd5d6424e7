// SPDX-License-Identifier: MIT

internal import JSON

/// Applies a provider's table to a request: what the provider does not have is taken out and named,
/// or refused, before the provider's writer sees the request.
public enum RequestCheck {
  /// - Throws: `unsupportedParameter`.
  public static func apply(
    _ table: ParameterTable, to request: inout ChatRequest, target: UpstreamModel,
    losses: inout LossReport
  ) throws(TranslationError) {
    // Where images are left out of results, it does not matter how they were given.
    if let rule = table[.toolResultImages], rule.disposition == .dropped,
      request.parametersUsed.contains(.toolResultImages)
    {
      try drop(.toolResultImages, "\(rule.note)", for: target, &losses)
      try remove(.toolResultImages, "\(rule.note)", from: &request, &losses)
    }
    for parameter in request.parametersUsed {
      guard let rule = table[parameter] else { continue }
      if parameter == .parallelToolCalls, request.answerForm == .functionCall {
        // The client has not said so: nothing is lost where the provider has no such thing.
        if rule.disposition != .translated { request.remove(parameter) }
        continue
      }
      switch rule.disposition {
      case .translated: break
      case .approximated: losses.approximated(parameter.rawValue, "\(rule.note)")
      case .refused: throw refusal(parameter.rawValue, "\(rule.note)")
      case .dropped:
        guard target.unsupported == .drop else {
          throw refusal(parameter.rawValue, "\(rule.note)")
        }
        losses.dropped(parameter.rawValue, "\(rule.note)")
        try remove(parameter, "\(rule.note)", from: &request, &losses)
      }
    }
  }

  /// Takes a parameter out, and messages that have nothing else: no API takes those. The one to be
  /// answered cannot be left out.
  private static func remove(
    _ parameter: Parameter, _ note: String, from request: inout ChatRequest,
    _ losses: inout LossReport
  ) throws(TranslationError) {
    let isFilled = request.messages.map { !$0.blocks.isEmpty }
    request.remove(parameter)
    let messages = request.messages
    let isEmptied = { (index: Int) in isFilled[index] && messages[index].blocks.isEmpty }
    guard messages.indices.contains(where: isEmptied) else { return }
    guard !isEmptied(messages.count - 1) else { throw refusal(parameter.rawValue, note) }
    losses.dropped("messages", "one without anything else than '\(parameter.rawValue)'")
    request.messages = messages.indices.filter { !isEmptied($0) }.map { messages[$0] }
  }

  /// Names, or refuses, what no writer of another API passes on.
  ///
  /// - Parameter kept: names of what stays.
  public static func dropOthers(
    of request: inout ChatRequest, but kept: [StaticString] = [], target: UpstreamModel,
    losses: inout LossReport
  ) throws(TranslationError) {
    let isKept: (OtherParameter) -> Bool = { other in
      kept.contains { other.name.equals($0) }
    }
    for other in request.others where !isKept(other) {
      let name = other.name.plain
      guard target.unsupported == .drop else {
        throw refusal(name, "the provider's API has no such parameter")
      }
      losses.dropped(name, "the provider's API has no such parameter")
    }
    request.others.removeAll { !isKept($0) }
  }

  /// Names, or refuses, a parameter that a writer leaves out.
  static func drop(
    _ parameter: Parameter, _ note: String, for target: UpstreamModel, _ losses: inout LossReport
  ) throws(TranslationError) {
    guard target.unsupported == .drop else { throw refusal(parameter.rawValue, note) }
    losses.dropped(parameter.rawValue, note)
  }

  public static func refusal(_ parameter: String, _ note: String) -> TranslationError {
    TranslationError(
      .unsupportedParameter, "The provider cannot take '\(parameter)': \(note).",
      parameter: parameter)
  }
}
