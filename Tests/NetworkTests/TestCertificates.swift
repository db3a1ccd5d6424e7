// SPDX-License-Identifier: MIT

import Foundation
import Network
import TestSupport

/// Certificates made by the openssl command line, once per test run, in a directory of their own.
struct TestCertificates: Sendable {
  let directory: String
  var authority: String { directory + "/authority.pem" }

  func certificate(_ name: String) -> TLSCertificate {
    TLSCertificate(chainFile: "\(directory)/\(name).pem", keyFile: "\(directory)/\(name).key")
  }

  static let shared: TestCertificates = {
    do { return try make() } catch { fatalError("test certificates: \(error)") }
  }()

  private static func make() throws -> TestCertificates {
    let directory = try TemporaryFolder.make("network-tests").path
    let script = """
      set -e; cd "$1"
      curve="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
      openssl req -x509 $curve -keyout authority.key -out authority.pem -days 2 -subj /CN=authority
      openssl req -x509 $curve -keyout alone.key -out alone.pem -days 2 -subj /CN=localhost \
        -addext subjectAltName=DNS:localhost
      issue() {
        openssl req $curve -keyout $1.key -out $1.csr -subj /CN=$1
        echo "subjectAltName=$2" > $1.ext
        openssl x509 -req -in $1.csr -CA authority.pem -CAkey authority.key -out $1.pem \
          -days $3 -extfile $1.ext
      }
      issue localhost DNS:localhost,IP:127.0.0.1 2
      issue wild 'DNS:*.example.test' 2
      issue other DNS:other.test 2
      issue expired DNS:localhost -1
      """
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", script, "sh", directory]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    if process.terminationStatus != 0 { throw CocoaError(.executableLoad) }
    return TestCertificates(directory: directory)
  }
}
