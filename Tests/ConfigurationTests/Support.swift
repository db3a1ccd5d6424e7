// SPDX-License-Identifier: MIT

import Accounts
import Configuration
import Foundation

/// The repository's root, from this file's own place.
let repositoryRoot = URL(filePath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

/// A stand-in for SHA-256 that tells texts apart.
func testDigest(_ text: String) -> KeyDigest {
  var hash: UInt64 = 0xcbf2_9ce4_8422_2325
  for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
  return KeyDigest(hash, ~hash, hash &* 3, hash &* 7)
}

/// Loads `files["main.yaml"]` and what it names, all from memory.
func load(_ files: [String: String], _ environment: [String: String] = [:]) -> LoadedConfiguration {
  ConfigurationLoader(
    environment: environment,
    readFile: { path in
      files[path].map { .success($0) } ?? .failure(FileReadError("no such file"))
    }, digest: testDigest
  ).load(path: "main.yaml")
}

func load(_ text: String, _ environment: [String: String] = [:]) -> LoadedConfiguration {
  load(["main.yaml": text], environment)
}

/// Loads the shipped configuration from disk.
func loadShipped(_ environment: [String: String]) -> LoadedConfiguration {
  ConfigurationLoader(
    environment: environment,
    readFile: { path in
      do {
        return .success(try String(contentsOfFile: path, encoding: .utf8))
      } catch {
        return .failure(FileReadError(error.localizedDescription))
      }
    }, digest: testDigest
  ).load(path: repositoryRoot.appending(path: "config/gateway.yaml").path)
}
