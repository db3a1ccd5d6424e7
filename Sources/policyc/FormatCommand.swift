// SPDX-License-Identifier: MIT

import ArgumentParser
import CedarSyntax

struct FormatCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fmt",
    abstract: "Lays policies out; comments are kept.",
    discussion: """
      Files are rewritten in place; `-` reads standard input and writes standard output. With \
      --check nothing is written, and the exit code is 1 when a file, which is named, would \
      change; it is 1 as well when one does not parse. What stands between the comments \
      `// fmt: off` and `// fmt: on` is kept as it is.
      """)

  @Argument(help: "Policy files or folders; `-` for standard input.", completion: .file())
  var paths: [String]

  @Flag(name: [.customShort("c"), .long], help: "Only say what would change.")
  var check = false

  @OptionGroup var layout: LayoutOptions

  func run() throws {
    var changed = 0
    for path in paths {
      for file in try Files.policies(path) where try format(file) { changed += 1 }
    }
    if check, changed > 0 { throw ExitCodes.findings }
  }

  /// Whether the file is not laid out so already.
  private func format(_ path: String) throws -> Bool {
    let text = try Files.text(path)
    let formatted = try layout.format(text, path)
    let differs = !CedarText.equal(formatted, text)
    if path == "-", !check {
      Console.out(formatted)
    } else if differs, check {
      Console.line("\(Files.name(path)): would be laid out anew")
    } else if differs {
      try Files.write(formatted, to: path)
      Console.line(path)
    }
    return differs
  }
}

/// How policies are laid out.
struct LayoutOptions: ParsableArguments {
  @Option(name: [.customShort("l"), .long], help: "Columns a line may have.")
  var lineWidth = 80

  @Option(name: [.customShort("i"), .long], help: "Columns of one level of indentation.")
  var indentWidth = 2

  func validate() throws {
    guard (20...1000).contains(lineWidth), (0...16).contains(indentWidth) else {
      throw ValidationError("--line-width must be 20 to 1000, --indent-width 0 to 16")
    }
  }

  /// The text laid out.
  ///
  /// - Throws: an exit code, after showing every error.
  func format(_ text: String, _ path: String) throws -> String {
    let (formatted, findings) = formatPolicies(
      text, dialect: true,
      options: FormatOptions(lineWidth: lineWidth, indentWidth: indentWidth))
    if let formatted { return formatted }
    var sources = SourceFiles()
    _ = sources.add(name: Files.name(path), text: text)
    throw Console.fail(findings, sources, code: ExitCodes.findings)
  }
}
