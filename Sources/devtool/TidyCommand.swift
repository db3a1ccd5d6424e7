// SPDX-License-Identifier: MIT

import ArgumentParser
import Foundation

/// Exit codes: 0 clean, 1 findings, 2 cannot run.
struct TidyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tidy", abstract: "Checks lengths, layers, headers, leftovers and file hygiene.")

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, json
  }

  @Option(help: "How findings are printed: text or json.")
  var format: Format = .text

  @Option(help: "The repository's root; found from the working directory unless given.")
  var root: String?

  func run() throws {
    let report: Tidy.Report
    do {
      report = try Tidy.run(Repository(root: root))
    } catch let error as Repository.Failure {
      FileHandle.standardError.write(Data("tidy: \(error.message)\n".utf8))
      throw ExitCode(2)
    }
    switch format {
    case .text:
      for finding in report.findings { print(finding.text) }
      print("tidy: \(report.fileCount) files, \(report.findings.count) findings")
    case .json:
      print(try Finding.json(report.findings))
    }
    if !report.findings.isEmpty { throw ExitCode(1) }
  }
}
