// SPDX-License-Identifier: MIT

public import Bytes
public import JSON

/// What the complete body of an upstream's answer is, whatever its status says.
public enum UpstreamAnswerKind: UInt8, Sendable {
  /// A 2xx with the JSON object that was asked for.
  case success
  /// `{"error": {…}}` or `{"error": "…"}`, with any status: some providers send it with a 200.
  case errorObject
  /// `{"object": "error", "message": …, "code": …}` (vLLM), or `{"message": …}`/`{"detail": …}`
  /// beside a status of 400 and above.
  case flatError
  /// A page of a proxy or load balancer in between.
  case htmlPage
  /// Neither JSON nor a page: plain text, a cut body, another kind of JSON value.
  case notJSON
  /// No byte.
  case empty
}

/// An upstream's answer as the gateway judges it. Ranges are relative to the body.
@frozen
public struct UpstreamAnswer: Sendable {
  public var kind: UpstreamAnswerKind
  /// The status that tells the truth: the one received, or for an error with a 2xx the one its code
  /// or type stands for (502 if they don't say).
  public var status: UInt16
  public var message: JSONSpan
  public var type: JSONSpan
  public var code: JSONSpan
  public var parameter: JSONSpan

  @inlinable
  public var isSuccess: Bool { kind == .success }

  /// Whether another deployment might do better: not where the request itself is at fault.
  @inlinable
  public var isRetryable: Bool {
    status >= 500 || status == 408 || status == 409 || status == 425 || status == 429
      || status == 401 || status == 403 || status == 404
  }

  /// Judges a complete body.
  ///
  /// A 2xx that tells its usage and then soon ends as an object does, and nowhere says `error`, is
  /// a success without a look at the rest, which is the client's; of the facts only the usage is
  /// filled then. Everything else is scanned whole.
  ///
  /// - Parameters:
  ///   - facts: filled from the body.
  ///   - shape: what the same upstream's usage looked like before; saves work, changes no answer.
  public static func judge(
    status: UInt16, body: ByteView, facts: inout ResponseFacts, shape: UsageShape? = nil
  ) -> UpstreamAnswer {
    var answer = UpstreamAnswer(
      kind: .success, status: status, message: .absent, type: .absent, code: .absent,
      parameter: .absent)
    if status >= 200 && status < 300, let usage = plainUsage(in: body, shape) {
      facts = ResponseFacts()
      facts.hasUsage = true
      facts.usage = usage
      return answer
    }
    ResponseScanner.scan(body, into: &facts)
    if !facts.isValid {
      answer.kind = kindOfText(body)
    } else if facts.error.isPresent {
      answer.kind = .errorObject
      answer.readError(facts.error, in: body)
    } else if isFlatError(facts, status: status, in: body) {
      answer.kind = .flatError
      answer.message = facts.message
      answer.type = facts.type
      answer.code = facts.code
    } else if status >= 400 {
      answer.kind = .flatError
    }
    if answer.kind != .success && status < 400 { answer.status = answer.impliedStatus(in: body) }
    return answer
  }

  /// The usage of an answer that needs no scan. After the usage only plain members may follow, and
  /// one brace: so a body that was cut is not taken for a whole one.
  private static func plainUsage(in body: ByteView, _ shape: UsageShape?) -> TokenUsage? {
    guard !body.isEmpty, body[0] == 0x7b,
      let found = ResponseScanner.locateUsage(in: body, shape: shape)
    else { return nil }
    let rest = body.dropFirst(found.end)
    guard rest.firstIndex(ofEither: 0x7b, 0x5b) == nil, let brace = rest.firstIndex(of: 0x7d),
      rest.dropFirst(brace + 1).firstIndex(ofNot: 0x20, 0x09, 0x0a, 0x0d) == nil,
      body.firstIndex(of: "\"error\"") == nil
    else { return nil }
    return found.usage
  }

  private static func kindOfText(_ body: ByteView) -> UpstreamAnswerKind {
    let start = body.firstIndex(ofNot: 0x20, 0x09, 0x0a, 0x0d)
    guard let start else { return .empty }
    return body[start] == 0x3c ? .htmlPage : .notJSON
  }

  private static func isFlatError(
    _ facts: ResponseFacts, status: UInt16, in body: ByteView
  ) -> Bool {
    if facts.object.kind == .string && body[facts.object.contents].equals("error") { return true }
    return status >= 400 && facts.message.kind == .string
  }

  private mutating func readError(_ error: JSONSpan, in body: ByteView) {
    guard error.kind == .object else {
      if error.kind == .string { message = error }
      return
    }
    var inner = ResponseFacts()
    ResponseScanner.scan(body[error.range], into: &inner)
    let distance = error.range.lowerBound
    message = inner.message.shifted(by: distance)
    type = inner.type.shifted(by: distance)
    code = inner.code.shifted(by: distance)
    parameter = inner.parameter.shifted(by: distance)
  }

  /// What an error sent with a 2xx would have had as its status.
  private func impliedStatus(in body: ByteView) -> UInt16 {
    if let number = code.integer(in: body), number >= 400, number <= 599 { return UInt16(number) }
    if code.kind == .string, let status = Self.status(ofName: body[code.contents]) {
      return status
    }
    if type.kind == .string, let status = Self.status(ofName: body[type.contents]) {
      return status
    }
    return 502
  }

  private static func status(ofName name: ByteView) -> UInt16? {
    if name.firstIndex(of: "rate_limit") != nil || name.equals("insufficient_quota") { return 429 }
    if name.firstIndex(of: "overloaded") != nil || name.equals("server_error") { return 503 }
    if name.firstIndex(of: "timeout") != nil { return 504 }
    if name.equals("context_length_exceeded") || name.starts(with: "invalid_request") { return 400 }
    if name.equals("invalid_api_key") || name.starts(with: "authentication") { return 401 }
    if name.starts(with: "permission") { return 403 }
    if name.equals("model_not_found") || name.starts(with: "not_found") { return 404 }
    return nil
  }
}

extension JSONSpan {
  fileprivate func shifted(by distance: Int) -> JSONSpan {
    JSONSpan(range: range.shifted(by: distance), kind: kind, hasEscapes: hasEscapes)
  }
}

extension ByteView {
  /// The index of the first byte that is none of four.
  fileprivate func firstIndex(ofNot a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) -> Int? {
    for index in 0..<count {
      let byte = self[index]
      if byte != a && byte != b && byte != c && byte != d { return index }
    }
    return nil
  }
}
