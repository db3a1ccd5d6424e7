// SPDX-License-Identifier: MIT

public import Accounts
internal import ModelCatalog

/// What a load gives: the configuration when nothing is wrong, and everything found.
public struct LoadedConfiguration: Sendable {
  /// Nil when there is an error among the problems.
  public var configuration: GatewayConfiguration?
  /// Errors and notices, in the order of reading.
  public var problems: [ConfigurationProblem]

  public var errors: [ConfigurationProblem] { problems.filter { $0.severity == .error } }
  public var notices: [ConfigurationProblem] { problems.filter { $0.severity == .notice } }
}

/// Texts to checked values. Pure: files, environment and hashing are handed in.
public struct ConfigurationLoader {
  /// The text of a file, or what went wrong in words.
  public typealias FileReader = (_ path: String) -> Result<String, FileReadError>

  private let environment: [String: String]
  private let readFile: FileReader
  private let digest: (String) -> KeyDigest

  /// - Parameter digest: SHA-256 of a key's UTF-8.
  public init(
    environment: [String: String], readFile: @escaping FileReader,
    digest: @escaping (String) -> KeyDigest
  ) {
    self.environment = environment
    self.readFile = readFile
    self.digest = digest
  }

  /// Reads the main file and those that it names. All problems are reported at once.
  public func load(path: String) -> LoadedConfiguration {
    let reading = Reading(environment: environment)
    var files: [String] = []
    var configuration: GatewayConfiguration?
    if let root = document(path, named: "configuration", reading, &files, from: nil) {
      configuration = read(root, reading, &files)
    }
    configuration?.files = files
    return LoadedConfiguration(
      configuration: reading.hasErrors ? nil : configuration, problems: reading.problems)
  }

  private func read(
    _ root: Field, _ reading: Reading, _ files: inout [String]
  ) -> GatewayConfiguration? {
    let keys = ServiceDocument.keys + ModelsDocument.keys + GatewaysDocument.keys
    guard let section = Section(root, keys: keys) else { return nil }
    var service = ServiceDocument()
    service.read(section, digest: digest)

    var models = ModelsDocument()
    if let part = included(section, "models", ModelsDocument.keys, reading, &files) {
      models.read(part)
    }
    var gateways = GatewaysDocument()
    if let part = included(section, "gateways", GatewaysDocument.keys, reading, &files) {
      gateways.read(part)
    }
    var assembly = CatalogAssembly(models: models, gateways: gateways, reading: reading)
    service.configuration.catalog = assembly.assemble()
    checkKeys(service.keyModels, assembly.knownNames, open: assembly.openPatterns)
    if !reading.hasErrors { notice(service.configuration, root) }
    return service.configuration
  }

  /// The section to read a part from: the main file itself, or the file that `key` names.
  private func included(
    _ section: Section, _ key: String, _ keys: [String], _ reading: Reading,
    _ files: inout [String]
  ) -> Section? {
    guard let field = section[key], field.isText else { return section }
    for other in keys where other != key {
      section[other]?.report(
        "`\(other)` belongs into the file that `\(key)` names, or `\(key)` into this one")
    }
    guard let name = field.text(),
      let root = document(field.file.resolve(name), named: key, reading, &files, from: field)
    else { return nil }
    return Section(root, keys: keys)
  }

  private func document(
    _ path: String, named name: String, _ reading: Reading, _ files: inout [String],
    from field: Field?
  ) -> Field? {
    switch readFile(path) {
    case .success(let text):
      files.append(path)
      let file = SourceFile(path: path, text: text)
      return Document.parse(text, file: file, reading: reading, name: name)
    case .failure(let error):
      let message = "cannot read `\(path)`: \(error.message)"
      if let field {
        field.report(message)
      } else {
        reading.report(message, at: nil, in: SourceFile(path: path, text: ""))
      }
      return nil
    }
  }

  private func checkKeys(
    _ names: [(text: String, field: Field)], _ known: [String], open: [String]
  ) {
    for name in names where !known.contains(name.text) {
      let isMatch = known.contains { Glob.matches(pattern: name.text, name: $0) }
      if name.text.contains("*"), isMatch { continue }
      // A pattern's text is one of the names that a wider one matches.
      if open.contains(where: { Glob.matches(pattern: $0, name: name.text) }) { continue }
      name.field.report(
        "unknown model or group `\(name.text)`",
        help: Reading.suggestion(for: name.text, among: known))
    }
  }

  private func notice(_ configuration: GatewayConfiguration, _ root: Field) {
    if configuration.catalog.needsScriptedProvider, configuration.catalog.gateways.count == 1 {
      root.report(
        "no provider is configured: the built-in scripted provider answers for every model",
        severity: .notice, help: "set `OPENAI_API_KEY` or another provider's key")
    }
    if configuration.keys.isEmpty {
      root.report(
        "no key is configured: every request to the LLM API is answered with 401",
        severity: .notice, help: "give callers keys, under `keys`: `{name: …, key: …}`")
    }
    let loopback = configuration.keys.filter(\.isLoopbackOnly).map { "`\($0.name)`" }
    if !loopback.isEmpty {
      root.report(
        "development key \(loopback.joined(separator: ", ")): accepted from this machine only",
        severity: .notice, help: "give every user a key of their own before others connect")
    }
  }
}

/// Why a file could not be read, in words.
public struct FileReadError: Error, Hashable, Sendable {
  public let message: String
  public init(_ message: String) { self.message = message }
}
