// SPDX-License-Identifier: MIT

import Configuration
import DataPlane
import Glibc
import ModelCatalog
import PolicyService

extension GatewayProgram {
  /// What would keep a start from succeeding, each in words: everything is made ready that `run`
  /// makes ready, but nothing listens, and no file is made.
  func rehearse() -> [String] {
    var problems: [String] = []
    func attempt(_ step: () throws -> Void) {
      do {
        try step()
      } catch let failure as StartFailure {
        problems.append(failure.message)
      } catch {
        problems.append("\(error)")
      }
    }
    attempt {
      // Where the scripted provider would listen does not matter to what is checked here.
      let catalog = try makeCatalog(
        scriptedEndpoint: BaseURL(isTLS: false, host: "127.0.0.1", port: 1, pathPrefix: "/v1"))
      let make = makeSnapshot(LiveCatalog(catalog), LiveKeys(try makeKeys()))
      _ = try firstSnapshot(try PolicySource(configuration).loadFirst(), make)
    }
    let certificates = ListenerCertificates()
    for listener in configuration.listeners {
      attempt { _ = try address(of: listener) }
      attempt { _ = try certificates.slot(for: listener) }
    }
    if case .file(let path) = configuration.logging.accessLog { attempt { try tryWriting(path) } }
    return problems
  }

  private func tryWriting(_ path: String) throws {
    let folder = path.lastIndex(of: "/").map { path[..<$0] } ?? "."
    let target = access(path, F_OK) == 0 ? path : folder.isEmpty ? "/" : String(folder)
    guard access(target, W_OK) == 0 else {
      throw StartFailure(
        message: "the access log cannot be written: \(path): \(String(cString: strerror(errno)))")
    }
  }
}
