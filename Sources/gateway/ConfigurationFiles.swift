// SPDX-License-Identifier: MIT

import Accounts
import Bytes
import Configuration
import FoundationEssentials
import Network

/// The configuration as read from this machine's files and environment.
enum ConfigurationFiles {
  static func load(
    _ path: String, digest: @escaping (String) -> KeyDigest = digest
  ) -> LoadedConfiguration {
    let loader = ConfigurationLoader(
      environment: ProcessInfo.processInfo.environment, readFile: read, digest: digest)
    return loader.load(path: path)
  }

  private static func read(_ path: String) -> Result<String, FileReadError> {
    guard let data = FileManager.default.contents(atPath: path) else {
      let isThere = FileManager.default.fileExists(atPath: path)
      return .failure(FileReadError(isThere ? "it may not be read" : "there is no such file"))
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      return .failure(FileReadError("it is not UTF-8"))
    }
    return .success(text)
  }

  static func digest(_ key: String) -> KeyDigest {
    let digest = key.withByteView { SHA256.withDigest(of: $0) { KeyDigest(bytes: $0) } ?? nil }
    guard let digest else { preconditionFailure("OpenSSL has no SHA-256") }
    return digest
  }

  /// SHA-256 of bytes, in hexadecimal.
  static func hexadecimalDigest(_ bytes: [UInt8]) -> String {
    let text = bytes.withUnsafeBufferPointer { buffer -> String? in
      let view = buffer.baseAddress.map { ByteView(base: $0, count: buffer.count) } ?? .empty
      return SHA256.withDigest(of: view) { digest in
        (0..<digest.count).map { index in
          let digits = String(digest[index], radix: 16)
          return digits.count == 1 ? "0" + digits : digits
        }.joined()
      }
    }
    guard let text else { preconditionFailure("OpenSSL has no SHA-256") }
    return text
  }
}
