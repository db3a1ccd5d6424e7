// SPDX-License-Identifier: MIT

import Foundation
import Testing

@testable import devtool

/// The repository itself is held to the rules whenever the tests run.
@Suite struct RepositoryTests {
  static var repository: Repository {
    get throws {
      try Repository(root: URL(fileURLWithPath: #filePath).deletingLastPathComponent().path)
    }
  }

  @Test func theRepositoryIsTidy() throws {
    let report = try Tidy.run(try RepositoryTests.repository)
    #expect(report.fileCount > 100)
    for finding in report.findings { Issue.record("\(finding.text)") }
  }

  @Test(arguments: GeneratedFile.all.map(\.path))
  func generatedFilesAreCurrent(path: String) throws {
    let file = try #require(GeneratedFile.all.first { $0.path == path })
    let repository = try RepositoryTests.repository
    let current = try? repository.text(path)
    let isCurrent = try current == file.content(repository)
    #expect(isCurrent, "\(path) differs from the code: run `make generate`")
  }

  @Test func aFolderWithoutPackageIsRefused() {
    #expect(throws: Repository.Failure.self) { try Repository(root: "/") }
  }
}
