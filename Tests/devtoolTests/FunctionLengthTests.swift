// SPDX-License-Identifier: MIT

import Testing

@testable import devtool

@Suite struct FunctionLengthTests {
  static func swift(_ text: String) -> [String] {
    BraceScanner.functions(in: SourceFile(path: "a.swift", text: text), isSwift: true)
      .map { "\($0.name) \($0.firstLine)-\($0.lastLine)" }
  }

  static func c(_ text: String) -> [String] {
    BraceScanner.functions(in: SourceFile(path: "a.c", text: text), isSwift: false)
      .map { "\($0.name) \($0.firstLine)-\($0.lastLine)" }
  }

  static func python(_ text: String) -> [String] {
    FunctionLengthRule.pythonFunctions(in: SourceFile(path: "a.py", text: text))
      .map { "\($0.name) \($0.firstLine)-\($0.lastLine)" }
  }

  @Test func swiftFunctionsAreMeasured() {
    let text = """
      struct A {
        init(_ body: () -> Void = { print() }) {
        }
        static func < (left: A, right: A) -> Bool { true }
        func outer(
          a: Int
        ) {
          func inner() {
            if a > 0 { }
          }
          .init()
        }
        subscript(i: Int) -> Int {
          get { 1 }
        }
        deinit { }
      }
      """
    #expect(
      FunctionLengthTests.swift(text).sorted() == [
        "< 4-4", "deinit 16-16", "init 2-3", "inner 8-10", "outer 5-12", "subscript 13-15",
      ])
  }

  @Test func requirementsHaveNoBody() {
    let text = """
      protocol P {
        func a()
        var b: Int { get }
        func c() -> Int
      }
      func d() {
      }
      """
    #expect(FunctionLengthTests.swift(text) == ["d 6-7"])
  }

  @Test func textInStringsAndCommentsIsNoCode() {
    let text = ##"""
      func a() {
        let x = "} \(f("}")) {"
        /* } /* } */ } */
        let y = #"}"} \#(g("}"))"#
        let z = """
          } \(h) "
          """
        // }
      }
      func b() {}
      """##
    #expect(FunctionLengthTests.swift(text) == ["a 1-9", "b 10-10"])
  }

  @Test func cFunctionsAreMeasured() {
    let text = """
      struct s { int a; };
      static inline int f(int a)
      {
        if (a) { return 1; }
        return '}';
      }
      int g(void);
      int table[] = { 1, 2 };
      """
    #expect(FunctionLengthTests.c(text) == ["f 2-6"])
  }

  @Test func pythonFunctionsAreMeasured() {
    let text = """
      def a(
          x,
      ):
          def b():
              return 1
          return b

      async def c():
          pass
      # end
      x = 1
      """
    #expect(FunctionLengthTests.python(text) == ["b 4-5", "a 1-6", "c 8-9"])
  }

  @Test func longFunctionsAreFound() {
    let body = String(repeating: "  x()\n", count: 69)
    let file = SourceFile(path: "a.swift", text: "func a() {\n\(body)}\n")
    let findings = FunctionLengthRule.check(file)
    #expect(findings.map(\.message) == ["`a` has 71 lines, at most 70"])
    let shorter = SourceFile(path: "a.swift", text: "func a() {\n\(body.dropLast(6))}\n")
    #expect(FunctionLengthRule.check(shorter).isEmpty)
  }
}
