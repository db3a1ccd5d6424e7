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

  /// Deep types that name deep types: each is within bounds, the stack would not be.
  @Test func deepTypesInDeepTypesAreRefused() {
    func types(_ count: Int, levels: Int) -> String {
      let types = (0..<count).map { index in
        let inner = index + 1 < count ? "T\(index + 1)" : "Long"
        return "type T\(index) = "
          + String(repeating: "{a: ", count: levels) + inner + String(repeating: "}", count: levels)
          + ";"
      }
      return types.joined(separator: "\n")
    }
    #expect(codes(types(200, levels: 200)) == ["CEDAR0216"])
    #expect(codes(types(3, levels: 80)) == [])
    #expect(codes(types(1, levels: 255)) == [])
    #expect(codes(types(1, levels: 256)) == ["CEDAR0216"])
  }

  /// What cannot be resolved is looked at once, however often it is named.
  @Test(.timeLimit(.minutes(1))) func aMistakeBelowDoublingsIsToldOnce() {
    let types = (0..<40).map { "type T\($0) = { x: T\($0 + 1), y: T\($0 + 1) };" }
    let found = parseSchema(types.joined(separator: "\n") + "type T40 = Missing;").diagnostics
    #expect(found.map { "\($0.code)" } == ["CEDAR0203"])
  }
}
