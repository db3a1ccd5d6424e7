// SPDX-License-Identifier: MIT

import Bytes
import JSON
import Providers
import Testing

@Suite struct UpstreamAnswerTests {
  struct Expectation {
    var status: UInt16
    var body: String
    var kind: UpstreamAnswerKind
    var trueStatus: UInt16
    var message = ""
  }

  static let cases = [
    Expectation(status: 200, body: #"{"id":"c","choices":[]}"#, kind: .success, trueStatus: 200),
    Expectation(status: 200, body: #"{"error":null,"id":"c"}"#, kind: .success, trueStatus: 200),
    Expectation(
      status: 200, body: #"{"choices":[],"error":{"message":"m"},"usage":{"total_tokens":1}}"#,
      kind: .errorObject, trueStatus: 502, message: "m"),
    Expectation(
      status: 200, body: #"{"error":null,"usage":{"total_tokens":1}}"#, kind: .success,
      trueStatus: 200),
    Expectation(
      status: 200, body: #"{"usage":{"total_tokens":1}"#, kind: .notJSON, trueStatus: 502),
    Expectation(
      status: 200,
      body: #" {"error":{"message":"slow down","type":"x","code":"rate_limit_exceeded"}}"#,
      kind: .errorObject, trueStatus: 429, message: "slow down"),
    Expectation(
      status: 200, body: #"{"error":{"message":"m","code":503}}"#, kind: .errorObject,
      trueStatus: 503, message: "m"),
    Expectation(
      status: 200, body: #"{"error":{"message":"m","type":"overloaded_error"}}"#,
      kind: .errorObject, trueStatus: 503, message: "m"),
    Expectation(
      status: 200, body: #"{"error":{"message":"m","code":200}}"#, kind: .errorObject,
      trueStatus: 502, message: "m"),
    Expectation(
      status: 200, body: #"{"error":"model is loading"}"#, kind: .errorObject, trueStatus: 502,
      message: "model is loading"),
    Expectation(
      status: 400,
      body: #"{"error":{"message":"too long","type":"invalid_request_error","param":"messages"}}"#,
      kind: .errorObject, trueStatus: 400, message: "too long"),
    Expectation(
      status: 400, body: #"{"object":"error","message":"bad","type":"BadRequestError","code":400}"#,
      kind: .flatError, trueStatus: 400, message: "bad"),
    Expectation(
      status: 200, body: #"{"object":"error","message":"bad","code":404}"#, kind: .flatError,
      trueStatus: 404, message: "bad"),
    Expectation(
      status: 404, body: #"{"message":"no such path"}"#, kind: .flatError, trueStatus: 404,
      message: "no such path"),
    Expectation(
      status: 404, body: #"{"detail":"Not Found"}"#, kind: .flatError, trueStatus: 404),
    Expectation(
      status: 502, body: "<html>\n<head><title>502 Bad Gateway</title>", kind: .htmlPage,
      trueStatus: 502),
    Expectation(status: 200, body: "\r\n<!DOCTYPE html>", kind: .htmlPage, trueStatus: 502),
    Expectation(status: 200, body: "", kind: .empty, trueStatus: 502),
    Expectation(status: 503, body: " \n", kind: .empty, trueStatus: 503),
    Expectation(status: 200, body: "upstream error", kind: .notJSON, trueStatus: 502),
    Expectation(status: 200, body: #"{"id":"c","choi"#, kind: .notJSON, trueStatus: 502),
    Expectation(status: 200, body: "[]", kind: .notJSON, trueStatus: 502),
  ]

  @Test(arguments: cases.indices) func judges(index: Int) {
    let expected = Self.cases[index]
    withBytes(Array(expected.body.utf8)) { body in
      var facts = ResponseFacts()
      let answer = UpstreamAnswer.judge(status: expected.status, body: body, facts: &facts)
      #expect(answer.kind == expected.kind, "\(expected.body)")
      #expect(answer.status == expected.trueStatus, "\(expected.body)")
      #expect(body[answer.message.contents].string == expected.message, "\(expected.body)")
      #expect(answer.isSuccess == (expected.kind == .success))
    }
  }

  @Test func usageIsFoundOnBothWays() {
    for extra in ["", #","error":null"#, " "] {
      let text = "{\"usage\":{\"prompt_tokens\":3,\"total_tokens\":5}\(extra)}\n"
      withBytes(Array(text.utf8)) { body in
        var facts = ResponseFacts()
        let answer = UpstreamAnswer.judge(status: 200, body: body, facts: &facts)
        #expect(answer.isSuccess && facts.hasUsage && facts.usage.totalTokens == 5)
        #expect(facts.usage.promptTokens == 3)
      }
    }
  }

  @Test func parameterAndTypeAreFound() {
    let text =
      #"{"error":{"param":"n","type":"invalid_request_error","message":"\u00e9","code":null}}"#
    withBytes(Array(text.utf8)) { body in
      var facts = ResponseFacts()
      let answer = UpstreamAnswer.judge(status: 422, body: body, facts: &facts)
      #expect(body[answer.parameter.contents].string == "n")
      #expect(body[answer.type.contents].string == "invalid_request_error")
      #expect(answer.message.hasEscapes && answer.code.kind == .null && answer.status == 422)
      #expect(!answer.isRetryable)
    }
  }
}
