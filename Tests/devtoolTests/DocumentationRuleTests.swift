// SPDX-License-Identifier: MIT

import Testing

@testable import devtool

@Suite struct DocumentationRuleTests {
  @Test func keysAreFound() {
    let text = """
      # Everything has a default: here.
      models: models.yaml
      listeners:
        llm:
          ports: [9000]
      keys:
        - name: a
          key: ${X:-y}
        # - name: batch
        #   sha256: 9f
      """
    #expect(
      DocumentationRule.configurationKeys(text) == [
        "models", "listeners", "llm", "ports", "keys", "name", "key", "sha256",
      ])
  }

  @Test func errorCodesAreFound() {
    let text = """
      public var type: StaticString { case .a: "not_this" }
      public var code: StaticString {
        switch self {
        case .a: "first_code"
        default: "second"
        }
      }
      public struct GatewayError {
        let b: "nor_this"
      """
    #expect(DocumentationRule.errorCodes(text) == ["first_code", "second"])
  }

  @Test func missingNamesAreSaid() {
    let source = DocumentationRule.Source(path: "a.yaml", page: "b.md", names: { _ in [] })
    let page = "| `listeners.llm` | `known` |"
    #expect(
      DocumentationRule.missing(["llm", "known", "absent"], page, source).map(\.text) == [
        "b.md: documentation: does not mention `absent` of a.yaml"
      ])
  }
}
