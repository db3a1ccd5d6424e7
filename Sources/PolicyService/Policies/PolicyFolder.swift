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
  /// `.yaml` files beside the policies: their tests, by path.
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

/// Reads a folder of policies: `.cedar`, one `.cedarschema`, and the tests beside them, at any
/// depth. Names that begin with a dot are passed over; links to files are followed, as Kubernetes
/// mounts need it.
public struct PolicyFolder: Sendable {
  public static let filesMaximum = 10_000
  public static let fileBytesMaximum = 16 << 20
  public static let totalBytesMaximum = 64 << 20
  public static let depthMaximum = 8

  public let path: String

  public init(path: String) { self.path = path }

  /// Files that cannot be read, or are too many or too large.
  public struct Failure: Error, Sendable {
    public let findings: [PolicyFinding]
  }

  public func read() throws(Failure) -> PolicySources {
    var listing = Listing()
    try list("", depth: 0, into: &listing)
    var totalBytes = 0
    var findings: [PolicyFinding] = []
    func source(_ name: String) -> SourceFile? {
      switch text(name, &totalBytes) {
      case .success(let text): return SourceFile(name: name, text: text)
      case .failure(let failure):
        findings += failure.findings
        return nil
      }
    }
    let policies = listing.policies.sorted(by: Self.isBefore).compactMap(source)
    let schemas = listing.schemas.sorted(by: Self.isBefore)
    for extra in schemas.dropFirst() {
      findings.append(
        Self.finding(extra, "there is another schema, `\(schemas[0])`; a folder has one"))
    }
    let schema = schemas.first.flatMap(source)
    if policies.isEmpty, findings.isEmpty {
      findings.append(Self.finding(path, "the folder has no `.cedar` file"))
    }
    if !findings.isEmpty { throw Failure(findings: findings) }
    return PolicySources(
      policies: policies, schema: schema,
      testPaths: listing.tests.sorted(by: Self.isBefore).map { "\(path)/\($0)" })
  }

  /// The folders within, at any depth up to the limit, by path and in order.
  public func subfolders() -> [String] {
    var found: [String] = []
    func look(in place: String, depth: Int) {
      guard depth < Self.depthMaximum,
        let names = try? FileManager.default.contentsOfDirectory(atPath: place)
      else { return }
      for name in names.sorted() where !name.hasPrefix(".") {
        var isDirectory = false
        let path = "\(place)/\(name)"
        if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory {
          found.append(path)
          look(in: path, depth: depth + 1)
        }
      }
    }
    look(in: path, depth: 0)
    return found
  }

  private struct Listing {
    var policies: [String] = []
    var schemas: [String] = []
    var tests: [String] = []
    var count: Int { policies.count + schemas.count + tests.count }
  }

  private func list(_ folder: String, depth: Int, into listing: inout Listing) throws(Failure) {
    let place = folder.isEmpty ? path : "\(path)/\(folder)"
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: place) else {
      throw Failure(findings: [Self.finding(place, "the folder cannot be read")])
    }
    for name in names where !name.hasPrefix(".") {
      let relative = folder.isEmpty ? name : "\(folder)/\(name)"
      var isDirectory = false
      guard FileManager.default.fileExists(atPath: "\(path)/\(relative)", isDirectory: &isDirectory)
      else { continue }
      if isDirectory {
        guard depth < Self.depthMaximum else {
          throw Failure(findings: [Self.finding(relative, "folders are nested too deep")])
        }
        try list(relative, depth: depth + 1, into: &listing)
      } else if name.hasSuffix(".cedar") {
        listing.policies.append(relative)
      } else if name.hasSuffix(".cedarschema") {
        listing.schemas.append(relative)
      } else if name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
        listing.tests.append(relative)
      }
      if listing.count > Self.filesMaximum {
        let message = "the folder has more than \(Self.filesMaximum) files"
        throw Failure(findings: [Self.finding(path, message)])
      }
    }
  }

  private func text(_ name: String, _ totalBytes: inout Int) -> Result<String, Failure> {
    func failure(_ message: String) -> Result<String, Failure> {
      .failure(Failure(findings: [Self.finding(name, message)]))
    }
    guard let data = try? Data(contentsOf: URL(filePath: "\(path)/\(name)")) else {
      return failure("the file cannot be read")
    }
    totalBytes += data.count
    if data.count > Self.fileBytesMaximum {
      return failure("the file is over \(Self.fileBytesMaximum >> 20) MiB")
    }
    if totalBytes > Self.totalBytesMaximum {
      return failure("the files together are over \(Self.totalBytesMaximum >> 20) MiB")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      return failure("the file is not UTF-8")
    }
    return .success(text)
  }

  private static func finding(_ file: String, _ message: String) -> PolicyFinding {
    PolicyFinding(code: "FILE", message: message, file: file)
  }

  /// The order of the names' bytes: the same on every machine.
  private static func isBefore(_ left: String, _ right: String) -> Bool {
    left.utf8.lexicographicallyPrecedes(right.utf8)
  }
}
