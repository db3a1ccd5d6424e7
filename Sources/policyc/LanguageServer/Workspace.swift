// SPDX-License-Identifier: MIT

import CedarSyntax
import Foundation

/// The open texts, and those on disk beside them. What is open counts before what is saved.
struct Workspace {
  private(set) var open: [String: TextDocument] = [:]
  /// A schema that the client names for all policies.
  var schemaPath: String?
  /// The folder that was opened; schemas are looked for up to it.
  var root: String?

  /// Most files that are looked through for references.
  static let filesMax = 2_000

  // MARK: uris

  static func path(of uri: String) -> String {
    guard let url = URL(string: uri), url.isFileURL else { return uri }
    return url.standardizedFileURL.path
  }

  static func uri(of path: String) -> String { URL(fileURLWithPath: path).absoluteString }

  // MARK: texts

  mutating func set(_ document: TextDocument) { open[document.path] = document }

  mutating func close(_ path: String) { open[path] = nil }

  func document(_ path: String) -> TextDocument? {
    if let known = open[path] { return known }
    guard let data = FileManager.default.contents(atPath: path),
      let text = String(validating: data, as: UTF8.self)
    else { return nil }
    return TextDocument(uri: Self.uri(of: path), path: path, version: nil, text: text)
  }

  // MARK: schemas

  /// The schema of a policy file: the one that the client names, or the only one in its folder or
  /// in the nearest folder above.
  func schema(for path: String) -> TextDocument? {
    if path.hasSuffix(".cedarschema") { return document(path) }
    if let schemaPath { return document(schemaPath) }
    var folder = URL(fileURLWithPath: path).deletingLastPathComponent()
    while true {
      let found = schemas(in: folder.path)
      if !found.isEmpty { return found.count == 1 ? document(found[0]) : nil }
      let isTop = folder.path == "/" || folder.path == root
      if isTop || root == nil { return nil }
      folder.deleteLastPathComponent()
    }
  }

  private func schemas(in folder: String) -> [String] {
    let saved = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    var paths = Set(saved.map { "\(folder)/\($0)" })
    for path in open.keys
    where URL(fileURLWithPath: path).deletingLastPathComponent().path == folder {
      paths.insert(path)
    }
    return paths.filter { $0.hasSuffix(".cedarschema") }.sorted()
  }

  /// The policy files that a schema is for: those in its folder and below, and the open ones.
  func policies(of schema: TextDocument) -> [TextDocument] {
    let folder = URL(fileURLWithPath: schema.path).deletingLastPathComponent().path
    var paths = Set(open.keys)
    if let walker = FileManager.default.enumerator(atPath: root ?? folder) {
      for case let name as String in walker where name.hasSuffix(".cedar") {
        paths.insert("\(root ?? folder)/\(name)")
        if paths.count >= Self.filesMax { break }
      }
    }
    return paths.filter { $0.hasSuffix(".cedar") }.sorted().compactMap(document)
      .filter { self.schema(for: $0.path)?.path == schema.path }
  }
}
