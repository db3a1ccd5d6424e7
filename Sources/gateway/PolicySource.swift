// SPDX-License-Identifier: MIT

import CedarSyntax
import Configuration
import Foundation
import PolicyService

/// The policies that the configuration names, as a loader.
struct PolicySource {
  let loader: PolicyLoader

  private let isBuiltIn: Bool

  init(_ configuration: PolicyConfiguration) {
    isBuiltIn = configuration.paths.isEmpty
    loader = PolicyLoader(
      folder: PolicyFolder(paths: configuration.paths, schemaPath: configuration.schemaPath),
      digest: ConfigurationFiles.hexadecimalDigest)
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
      return isBuiltIn ? try loader.load(Self.permitAll) : try loader.load()
    } catch {
      let text = error.findings.map(\.text).joined(separator: "\n")
      throw StartFailure(message: "the policies cannot be used:\n\(text)")
    }
  }
}
