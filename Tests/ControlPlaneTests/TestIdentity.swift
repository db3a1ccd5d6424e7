// SPDX-License-Identifier: MIT

import Foundation
import Network
import TestSupport

/// A self-signed certificate for localhost, made by the openssl command line once per test run.
enum TestIdentity {
  static let shared: TLSCertificate = {
    guard let directory = try? TemporaryFolder.make("control-plane-tests").path else {
      preconditionFailure("no folder for a certificate")
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = [
      "-c",
      """
      cd "$0" && openssl req -x509 -newkey ec \
        -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key.pem -out chain.pem -days 2 \
        -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1
      """, directory,
    ]
    process.standardError = FileHandle.nullDevice
    try? process.run()
    process.waitUntilExit()
    precondition(process.terminationStatus == 0, "openssl could not make a certificate")
    return TLSCertificate(chainFile: directory + "/chain.pem", keyFile: directory + "/key.pem")
  }()

  static func slot() throws -> TLSContextSlot {
    TLSContextSlot(try TLSContext(server: TLSServerConfiguration(certificates: [shared])))
  }
}
