// SPDX-License-Identifier: MIT

import CedarSyntax
import Foundation
import PolicyService
import Testing

/// A folder of its own for one test, removed at its end.
final class TemporaryFolder: Sendable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory
      .appendingPathComponent("policies-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  var path: String { url.path }

  func write(_ name: String, _ text: String) throws { try write(name, Data(text.utf8)) }

  func write(_ name: String, _ data: Data) throws {
    let file = url.appendingPathComponent(name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try data.write(to: file)
  }

  func remove(_ name: String) throws {
    try FileManager.default.removeItem(at: url.appendingPathComponent(name))
  }
}

@Suite struct PolicyFolderTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func findings() -> [String] {
    do {
      _ = try PolicyFolder(path: folder.path).read()
      return []
    } catch {
      return error.findings.map(\.text)
    }
  }

  @Test func filesComeInTheOrderOfTheirNames() throws {
    try folder.write("b.cedar", "// b")
    try folder.write("a.cedar", "// a")
    try folder.write("teams/c.cedar", "// c")
    try folder.write("routing.cedarschema", "entity User;")
    try folder.write("tests/a.test.yaml", "tests: []")
    try folder.write("values.yaml", "a: 1")
    try folder.write("README.md", "words")
    try folder.write(".hidden.cedar", "nonsense")
    let sources = try PolicyFolder(path: folder.path).read()
    #expect(
      sources.files.files.map(\.name) == [
        "a.cedar", "b.cedar", "teams/c.cedar", "routing.cedarschema",
      ])
    #expect(sources.policyFileCount == 3)
    #expect(sources.schemaFile == 3)
    #expect(sources.testPaths == ["\(folder.path)/tests/a.test.yaml"])
  }

  @Test func theContentDependsOnNamesAndTexts() throws {
    try folder.write("a.cedar", "// a")
    let first = try PolicyFolder(path: folder.path).read().content
    #expect(try PolicyFolder(path: folder.path).read().content == first)
    try folder.write("a.cedar", "// b")
    let second = try PolicyFolder(path: folder.path).read().content
    #expect(second != first)
    try folder.remove("a.cedar")
    try folder.write("b.cedar", "// b")
    #expect(try PolicyFolder(path: folder.path).read().content != second)
  }

  @Test func whatCannotBeReadIsTold() throws {
    #expect(findings() == ["\(folder.path): error: there is no `.cedar` file"])
    try folder.write("a.cedar", Data([0x2F, 0x2F, 0xFF]))
    try folder.write("b.cedar", "// fine")
    try folder.write("x.cedarschema", "")
    try folder.write("y.cedarschema", "")
    #expect(
      findings() == [
        "a.cedar: error: the file is not UTF-8",
        "y.cedarschema: error: there is another schema, `x.cedarschema`; there may be one",
      ])
    try FileManager.default.removeItem(at: folder.url)
    #expect(findings() == ["\(folder.path): error: the folder cannot be read"])
  }

  @Test func linksToFilesAreFollowed() throws {
    try folder.write("..data/real.cedar", "// real")
    try FileManager.default.createSymbolicLink(
      atPath: folder.path + "/a.cedar", withDestinationPath: "..data/real.cedar")
    let sources = try PolicyFolder(path: folder.path).read()
    #expect(sources.files.files.map(\.text) == ["// real"])
  }

  @Test func deepFoldersAreRefused() throws {
    try folder.write("1/2/3/4/5/6/7/8/9/a.cedar", "")
    #expect(findings() == ["1/2/3/4/5/6/7/8/9: error: folders are nested too deep"])
  }

  @Test func severalPathsAreReadInTheirOrder() throws {
    try folder.write("b/x.cedar", "// x")
    try folder.write("b/one.cedarschema", "entity A;")
    try folder.write("a.cedar", "// a")
    try folder.write("other.cedarschema", "entity B;")
    let paths = ["\(folder.path)/b", "\(folder.path)/a.cedar"]
    let sources = try PolicyFolder(
      paths: paths, schemaPath: "\(folder.path)/other.cedarschema"
    ).read()
    #expect(sources.files.files.map(\.text) == ["// x", "// a", "entity B;"])
    #expect(sources.files.files[1].name == "\(folder.path)/a.cedar")
    let missing = PolicyFolder(paths: paths + ["\(folder.path)/none"])
    #expect(throws: PolicyFolder.Failure.self) { try missing.read() }
    #expect(PolicyFolder(path: folder.path).folders() == [folder.path, "\(folder.path)/b"])
  }
}
