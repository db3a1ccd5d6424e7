// SPDX-License-Identifier: MIT

/// Functions of at most 70 lines, from the line of their name to their closing brace.
enum FunctionLengthRule {
  static let lineCountMaximum = 70

  static func check(_ file: SourceFile) -> [Finding] {
    if file.isData { return [] }
    let functions: [Function]
    switch file.language {
    case .swift: functions = BraceScanner.functions(in: file, isSwift: true)
    case .c, .javaScript: functions = BraceScanner.functions(in: file, isSwift: false)
    case .python: functions = pythonFunctions(in: file)
    case .shell, .other: functions = []
    }
    return functions.filter { $0.lineCount > lineCountMaximum }.map { function in
      Finding(
        path: file.path, line: function.firstLine, rule: "function-length",
        message: "`\(function.name)` has \(function.lineCount) lines, "
          + "at most \(lineCountMaximum)")
    }
  }

  struct Function: Equatable {
    let name: String
    /// From 1.
    let firstLine: Int
    let lastLine: Int

    var lineCount: Int { lastLine - firstLine + 1 }
  }

  /// A Python function ends before the next line that is indented no deeper than its `def`.
  static func pythonFunctions(in file: SourceFile) -> [Function] {
    var open: [(name: String, indentation: Int, line: Int)] = []
    var functions: [Function] = []
    var lastCodeLine = 0
    func close(to indentation: Int) {
      while let function = open.last, indentation <= function.indentation {
        functions.append(
          Function(name: function.name, firstLine: function.line, lastLine: lastCodeLine))
        open.removeLast()
      }
    }
    for (index, line) in file.lines.enumerated() {
      let text = String(decoding: line, as: UTF8.self)
      let code = text.drop { $0 == " " }
      // A closing bracket or a comment may stand at the left without ending the function.
      if code.isEmpty || code.hasPrefix("#") || code.hasPrefix(")") { continue }
      let indentation = text.count - code.count
      close(to: indentation)
      lastCodeLine = index + 1
      for keyword in ["def ", "async def "] where code.hasPrefix(keyword) {
        let name = code.dropFirst(keyword.count).prefix { $0 != "(" }
        open.append((String(name), indentation, index + 1))
      }
    }
    close(to: 0)
    return functions
  }
}
