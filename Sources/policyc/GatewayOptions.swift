// SPDX-License-Identifier: MIT

import Accounts
import ArgumentParser
import Configuration
import DecisionIR
import Foundation
import ModelCatalog
import PolicyCompiler
import Routing

/// What offline routing needs: the gateway's configuration and policies.
struct GatewayOptions: ParsableArguments {
  @Option(help: "The gateway's configuration.")
  var config = "config/gateway.yaml"

  @Option(name: [.customShort("p"), .long], help: "Policy files or folders.")
  var policies: [String] = ["policies"]

  /// The routing snapshot of the configuration and the policies, without any key.
  func snapshot() throws -> RoutingSnapshot {
    let sources = try PolicySources.read(policies)
    let program = try sources.compile(.annotation).program
    // The scripted provider stands in the catalogue; nothing is ever sent to it from here.
    let scripted = BaseURL(isTLS: false, host: "127.0.0.1", port: 1, pathPrefix: "")
    return try snapshot(program, try configuration()) { configuration in
      try Catalog(configuration.catalog, scriptedEndpoint: scripted)
    }
  }

  /// For the tests of `program`: every model is served, whatever keys the environment has.
  func snapshot(_ program: Program) throws -> RoutingSnapshot {
    try snapshot(program, try configuration()) { try PolicyTestRunner.catalog(of: $0) }
  }

  private func configuration() throws -> GatewayConfiguration {
    let loader = ConfigurationLoader(
      environment: ProcessInfo.processInfo.environment,
      readFile: { path in
        do throws(FileProblem) {
          guard let text = String(validating: try Files.contents(path), as: UTF8.self) else {
            return .failure(FileReadError("it is not valid UTF-8"))
          }
          return .success(text)
        } catch {
          return .failure(FileReadError(error.description))
        }
      }, digest: Self.digest)
    let loaded = loader.load(path: config)
    guard let configuration = loaded.configuration else {
      for problem in loaded.errors { Console.error(problem.description) }
      throw Console.fail("the configuration has errors")
    }
    return configuration
  }

  private func snapshot(
    _ program: Program, _ configuration: GatewayConfiguration,
    _ catalog: (GatewayConfiguration) throws -> Catalog
  ) throws -> RoutingSnapshot {
    do {
      return try RoutingSnapshot(
        catalog: try catalog(configuration), keys: KeyTable([]), program: program,
        registry: HealthRegistry(),
        circuitSettings: configuration.circuit)
    } catch RoutingSnapshotError.obligations(let problems) {
      for problem in problems { Console.error(problem.description) }
      throw Console.fail("the gateway refuses the annotations of the policies")
    } catch RoutingSnapshotError.entities(let problem) {
      throw Console.fail(problem.description)
    } catch RoutingSnapshotError.tooManyDeployments {
      throw Console.fail("there are too many deployments")
    } catch {
      throw Console.fail("\(error)")
    }
  }

  /// Tells keys apart while the configuration is read; none is ever compared with a caller's here.
  private static func digest(_ key: String) -> KeyDigest {
    var words: [UInt64] = [0xCBF2_9CE4_8422_2325, 1, 2, 3]
    for byte in key.utf8 {
      for index in words.indices { words[index] = (words[index] ^ UInt64(byte)) &* 0x100_0000_01B3 }
    }
    return KeyDigest(words[0], words[1], words[2], words[3])
  }
}
