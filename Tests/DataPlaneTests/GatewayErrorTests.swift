// SPDX-License-Identifier: MIT

import Foundation
import Testing

@testable import DataPlane

@Suite struct GatewayErrorTests {
  @Test(arguments: GatewayErrorKind.allCases)
  func eachKindIsOneStatusAndOneFault(kind: GatewayErrorKind) throws {
    #expect((400...599).contains(kind.status))
    // A caller's mistake is not worth asking again; an SDK would do so on its own.
    if kind.fault == .client { #expect(!kind.isRetryable || kind == .requestTimeout) }
    let body = GatewayError(kind, "line\none \"two\" \\ \u{1}", parameter: "model").body
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: [String: Any]])
    let error = try #require(object["error"])
    #expect(error["message"] as? String == "line\none \"two\" \\ \u{1}")
    #expect(error["param"] as? String == "model")
    #expect(error["type"] as? String == "\(kind.type)")
    #expect(error["code"] as? String == "\(kind.code)")
  }

  @Test func codesAreDistinct() {
    let codes = GatewayErrorKind.allCases.map { "\($0.code)" }
    // `upstreamError` is the code of what has no closer one.
    #expect(Set(codes).count == codes.count)
  }
}
