// SPDX-License-Identifier: MIT

public import CedarSyntax
internal import FoundationEssentials

/// What a folder of policies holds, read at one moment.
public struct PolicySources: Sendable {
  /// `.cedar` files in order of their names, then the schema if there is one: diagnostics refer to
  /// them by number.
  public var files: SourceFiles
  /// How many of `files` are policies.
  public var policyFileCount: Int
  /// The number of the schema among `files`.
  public var schemaFile: UInt16?
  /// `.test.yaml` files beside the policies: their tests, by path.
  public var testPaths: [String]

  public init(
    policies: [SourceFile], schema: SourceFile? = nil, testPaths: [String] = []
  ) {
    files = SourceFiles(policies + (schema.map { [$0] } ?? []))
    policyFileCount = policies.count
    schemaFile = schema == nil ? nil : UInt16(policies.count)
    self.testPaths = testPaths
  }

  /// Everything that the version depends on: names, lengths and texts of policies and schema.
  public var content: [UInt8] {
    var bytes: [UInt8] = []
    for file in files.files {
      bytes.append(contentsOf: "\(file.name)\u{0}\(file.text.utf8.count)\u{0}".utf8)
      bytes.append(contentsOf: file.text.utf8)
    }
    return bytes
  }
}

/// Reads policies from where they are kept: folders with `.cedar` files, a `.cedarschema` and the
/// tests beside them, at any depth, or single files. Names that begin with a dot are passed over;
/// links to files are followed, as Kubernetes mounts need it.
public struct PolicyFolder: Sendable {
  /// `x.test.yaml` holds the tests of `x.cedar`.
  public static let testSuffix = ".test.yaml"
  public static let filesMaximum = 10_000
  public static let fileBytesMaximum = 16 << 20
  public static let totalBytesMaximum = 64 << 20
  public static let depthMaximum = 8

  /// Folders and files, read in this order.
  public let paths: [String]
  /// The schema; nil to take the one `.cedarschema` of the folders.
  public let schemaPath: String?

  public init(paths: [String], schemaPath: String? = nil) {
    self.paths = paths
    self.schemaPath = schemaPath
  }

  public init(path: String) { self.init(paths: [path]) }

  /// Files that cannot be read, or are too many or too large.
  public struct Failure: Error, Sendable {
    public let findings: [PolicyFinding]

    init(_ findings: [PolicyFinding]) { self.findings = findings }
    init(_ file: String, _ message: String) {
      self.init([PolicyFinding(code: "FILE", message: message, file: file)])
    }
  }

  public func read() throws(Failure) -> PolicySources {
    var listing = Listing()
    for path in paths { try list(path, into: &listing) }
    if let schemaPath { listing.schemas = [Entry(name: schemaPath, path: schemaPath)] }
    var totalBytes = 0
    var findings: [PolicyFinding] = []
    func source(_ entry: Entry) -> SourceFile? {
      do throws(Failure) {
        return SourceFile(name: entry.name, text: try text(entry, &totalBytes))
      } catch {
        findings += error.findings
        return nil
      }
    }
    let policies = listing.policies.compactMap(source)
    for extra in listing.schemas.dropFirst() {
      let message = "there is another schema, `\(listing.schemas[0].name)`; there may be one"
      findings += Failure(extra.name, message).findings
    }
    let schema = listing.schemas.first.flatMap(source)
    if listing.policies.isEmpty {
      findings += Failure(paths.joined(separator: ", "), "there is no `.cedar` file").findings
    }
    if !findings.isEmpty { throw Failure(findings) }
    return PolicySources(
      policies: policies, schema: schema, testPaths: listing.tests.map(\.path))
  }

  /// The folders among the paths and within them, at any depth up to the limit.
  public func folders() -> [String] {
    var found: [String] = []
    func look(in place: String, depth: Int) {
      var isDirectory = false
      guard FileManager.default.fileExists(atPath: place, isDirectory: &isDirectory), isDirectory
      else { return }
      found.append(place)
      guard depth < Self.depthMaximum,
        let names = try? FileManager.default.contentsOfDirectory(atPath: place)
      else { return }
      for name in names.sorted() where !name.hasPrefix(".") {
        look(in: "\(place)/\(name)", depth: depth + 1)
      }
    }
    for path in paths { look(in: path, depth: 0) }
    return found
  }

  // MARK: Listing

  private struct Entry {
    /// As findings name it: relative to the folder when there is one folder only.
    var name: String
    var path: String
  }

  private struct Listing {
    var policies: [Entry] = []
    var schemas: [Entry] = []
    var tests: [Entry] = []

    var count: Int { policies.count + schemas.count + tests.count }

    mutating func append(_ entry: Entry) {
      if entry.path.hasSuffix(".cedar") {
        policies.append(entry)
      } else if entry.path.hasSuffix(".cedarschema") {
        schemas.append(entry)
      } else if entry.path.hasSuffix(PolicyFolder.testSuffix) {
        tests.append(entry)
      }
    }
  }

  private func list(_ path: String, into listing: inout Listing) throws(Failure) {
    var isDirectory = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
      throw Failure(path, "the folder cannot be read")
    }
    if isDirectory {
      try list("", in: path, depth: 0, into: &listing)
    } else {
      listing.append(Entry(name: path, path: path))
      let test = String(path.dropLast(".cedar".count)) + Self.testSuffix
      if path.hasSuffix(".cedar"), FileManager.default.fileExists(atPath: test) {
        listing.append(Entry(name: test, path: test))
      }
    }
  }

  private func list(
    _ folder: String, in root: String, depth: Int, into listing: inout Listing
  ) throws(Failure) {
    let place = folder.isEmpty ? root : "\(root)/\(folder)"
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: place) else {
      throw Failure(place, "the folder cannot be read")
    }
    // The order of the names' bytes: the same on every machine.
    let sorted = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    for name in sorted where !name.hasPrefix(".") {
      let relative = folder.isEmpty ? name : "\(folder)/\(name)"
      let path = "\(root)/\(relative)"
      var isDirectory = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
        continue
      }
      if isDirectory {
        if depth == Self.depthMaximum { throw Failure(relative, "folders are nested too deep") }
        try list(relative, in: root, depth: depth + 1, into: &listing)
        continue
      }
      listing.append(Entry(name: paths.count == 1 ? relative : path, path: path))
      if listing.count > Self.filesMaximum {
        throw Failure(root, "there are more than \(Self.filesMaximum) files")
      }
    }
  }

  private func text(_ entry: Entry, _ totalBytes: inout Int) throws(Failure) -> String {
    guard let data = try? Data(contentsOf: URL(filePath: entry.path)) else {
      throw Failure(entry.name, "the file cannot be read")
    }
    totalBytes += data.count
    if data.count > Self.fileBytesMaximum {
      throw Failure(entry.name, "the file is over \(Self.fileBytesMaximum >> 20) MiB")
    }
    if totalBytes > Self.totalBytesMaximum {
      let message = "the files together are over \(Self.totalBytesMaximum >> 20) MiB"
      throw Failure(entry.name, message)
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw Failure(entry.name, "the file is not UTF-8")
    }
    return text
  }
}
