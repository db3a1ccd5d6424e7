// SPDX-License-Identifier: MIT

internal import CedarSchema
internal import CedarSyntax
public import DecisionIR
internal import PolicyCompiler

/// Policies compiled and checked, not yet in force.
public struct LoadedPolicies: Sendable {
  /// SHA-256 of the sources in hexadecimal.
  public var version: String
  public var program: Program
  /// Policy tests that ran, and passed.
  public var testCount: Int
  /// Warnings; no error is among them.
  public var findings: [PolicyFinding]
}

/// Reads, compiles and checks policies. Every way to reload comes here: POST, SIGHUP,
/// the watched folder, the Admin API.
public struct PolicyLoader: Sendable {
  /// SHA-256 of bytes, in hexadecimal: computed where the cryptographic library is.
  public typealias Digest = @Sendable ([UInt8]) -> String
  /// Runs the policy tests beside the policies on the compiled program: how many ran, and a
  /// finding per test that failed.
  public typealias TestRunner =
    @Sendable (_ program: Program, _ testPaths: [String]) -> (count: Int, failures: [PolicyFinding])

  public let folder: PolicyFolder
  private let builtIn: PolicySources?
  private let digest: Digest
  private let runTests: TestRunner

  /// - Parameter builtIn: what is loaded instead where the folder names no path at all.
  public init(
    folder: PolicyFolder, builtIn: PolicySources? = nil, digest: @escaping Digest,
    runTests: @escaping TestRunner = { _, _ in (0, []) }
  ) {
    self.folder = folder
    self.builtIn = builtIn
    self.digest = digest
    self.runTests = runTests
  }

  /// Everything that is wrong; holds at least one error.
  public struct Failure: Error, Sendable {
    public let findings: [PolicyFinding]
  }

  public func load() throws(Failure) -> LoadedPolicies {
    if folder.paths.isEmpty, let builtIn {
      var loaded = try load(builtIn)
      loaded.findings.append(
        PolicyFinding(
          severity: "note", code: "FILE",
          message: "no policy files are configured, so what is built in holds",
          file: "built-in", help: "name files under `policies.paths`"))
      return loaded
    }
    let sources: PolicySources
    do throws(PolicyFolder.Failure) {
      sources = try folder.read()
    } catch {
      throw Failure(findings: error.findings)
    }
    return try load(sources)
  }

  /// The same from sources already read.
  public func load(_ sources: PolicySources) throws(Failure) -> LoadedPolicies {
    let (set, syntaxProblems) = Self.parse(sources)
    let problems = syntaxProblems + Self.validate(set, sources) + Self.lint(set)
    if problems.hasErrors { throw failure(problems, sources) }
    if set.policies.isEmpty {
      // Most likely a file caught between being emptied and being written: it would deny everyone.
      let place = sources.files.files.first?.name ?? "policies"
      throw Failure(findings: [
        PolicyFinding(
          code: "FILE", message: "the files hold no policy, so nothing would be allowed",
          file: place, help: "write at least one permit")
      ])
    }
    let compiled: CompiledPolicies
    switch compilePolicies(set, files: sources.files) {
    case .success(let result): compiled = result
    case .failure(let failed): throw failure(problems + failed.diagnostics, sources)
    }
    let (testCount, failures) = runTests(compiled.program, sources.testPaths)
    let warnings = (problems + compiled.diagnostics).map { PolicyFinding($0, in: sources.files) }
    if failures.contains(where: \.isError) { throw Failure(findings: warnings + failures) }
    return LoadedPolicies(
      version: digest(sources.content), program: compiled.program, testCount: testCount,
      findings: warnings + failures)
  }

  private func failure(_ diagnostics: [Diagnostic], _ sources: PolicySources) -> Failure {
    Failure(findings: diagnostics.map { PolicyFinding($0, in: sources.files) })
  }

  /// All policy files as one set: `policyN` counts through the files in their order.
  private static func parse(_ sources: PolicySources) -> (PolicySet, [Diagnostic]) {
    var sets: [PolicySet] = []
    var diagnostics: [Diagnostic] = []
    for (number, file) in sources.files.files.prefix(sources.policyFileCount).enumerated() {
      let (policies, problems) = parsePolicies(
        file.text, dialect: true, file: UInt16(truncatingIfNeeded: number))
      diagnostics += problems
      sets.append(policies)
    }
    return (PolicySet(joining: sets, identifiedBy: .position), diagnostics)
  }

  /// What the schema says of the policies that could be read; nothing when there is no schema.
  private static func validate(_ set: PolicySet, _ sources: PolicySources) -> [Diagnostic] {
    guard let number = sources.schemaFile else { return [] }
    let text = sources.files.files[Int(number)].text
    let (schema, diagnostics) = parseSchema(text, file: number)
    guard let schema else { return diagnostics }
    return diagnostics + Validator(schema: schema).validate(set)
  }

  /// What is valid and hardly meant. That a policy has no `@id` is no news at each reload.
  private static func lint(_ set: PolicySet) -> [Diagnostic] {
    var options = LintOptions.routing
    options.notesMissingID = false
    return CedarSyntax.lint(set, options: options)
  }
}
