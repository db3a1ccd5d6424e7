// SPDX-License-Identifier: MIT

import CedarSyntax
import Configuration
import PolicyService

/// The policies that the configuration names, as a loader.
struct PolicySource {
  let loader: PolicyLoader

  /// - Throws: `StartFailure` when the declared catalogue cannot be built for the tests.
  init(_ configuration: GatewayConfiguration) throws {
    let policies = configuration.policies
    let tests = policies.runsTests ? try PolicyTests(configuration) : nil
    loader = PolicyLoader(
      folder: PolicyFolder(paths: policies.paths, schemaPath: policies.schemaPath),
      builtIn: Self.permitAll, digest: ConfigurationFiles.hexadecimalDigest,
      runTests: { program, paths in tests?.run(program, paths) ?? (0, []) })
  }

  /// What holds when no policies are configured.
  private static let permitAll = PolicySources(
    policies: [
      SourceFile(
        name: "built-in", text: "@id(\"permit-all\")\npermit (principal, action, resource);\n")
    ])

  /// The policies to start with.
  ///
  /// - Throws: `StartFailure` with everything that is wrong.
  func loadFirst() throws -> LoadedPolicies {
    do throws(PolicyLoader.Failure) {
      return try loader.load()
    } catch {
      let text = error.findings.map(\.text).joined(separator: "\n")
      let hint =
        error.findings.contains { $0.code == PolicyTests.findingCode }
        ? "\n`policies.run_tests: false` starts without the policies' tests" : ""
      throw StartFailure(message: "the policies cannot be used:\n\(text)\(hint)")
    }
  }
}
