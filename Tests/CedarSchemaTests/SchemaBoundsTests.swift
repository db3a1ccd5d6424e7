// SPDX-License-Identifier: MIT

import CedarSchema
import CedarSyntax
import Testing

/// Common types that name each other make types that are small in memory and huge to walk.
struct SchemaBoundsTests {
  private func schema(_ count: Int, _ members: (Int) -> String) -> String {
    let types = (1..<count).map { "type T\($0) = { \(members($0 - 1)) };" }
    return (["type T0 = { x: Long };"] + types).joined(separator: "\n")
      + "\nentity U; action go appliesTo { principal: U, resource: U, context: T\(count - 1) };"
  }

  private func codes(_ source: String) -> Set<String> {
    Set(parseSchema(source).diagnostics.map { "\($0.code)" })
  }

  @Test func deepChainsAreRefused() throws {
    let resolved = parseSchema(schema(200) { "x: T\($0)" }).schema
    let action = try #require(resolved?.sortedActions.first)
    #expect(action.context.names == ["x"])
    #expect(codes(schema(300) { "x: T\($0)" }) == ["CEDAR0216"])
    #expect(codes(schema(20_000) { "x: T\($0)" }) == ["CEDAR0216"])
    #expect(codes(schema(20_000) { "x: Set<T\($0)>" }) == ["CEDAR0216"])
  }

  @Test func doublingsAreRefused() {
    #expect(codes(schema(10) { "x: T\($0), y: T\($0)" }) == [])
    #expect(codes(schema(40) { "x: T\($0), y: Set<T\($0)>" }) == ["CEDAR0216"])
    let wide = (0..<300).map { "a\($0): T9" }.joined(separator: ", ")
    let shape = schema(10) { "x: T\($0), y: T\($0)" } + "entity V { \(wide) } tags T9;"
    #expect(codes(shape) == ["CEDAR0216"])
  }
}
