// SPDX-License-Identifier: MIT

import Foundation
import Glibc
import Network
import TestSupport
import Testing

/// HTTP/2 needs a peer that speaks it: nginx, where it is installed. Without it the test is
/// reported as skipped.
@Suite struct HTTP2ClientTests {
  private static let nginx = ["/usr/sbin/nginx", "/usr/bin/nginx"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  @Test(.enabled(if: nginx != nil, "nginx is not installed")) func speaksHTTP2() async throws {
    let nginx = try #require(Self.nginx)
    let directory = try TemporaryFolder.make("http2-client").path
    let identity = TestIdentity.shared
    let socket = "\(directory)/unused"
    // The port is one that the system has just given to somebody and taken back.
    let borrowed = try ServerThread(handler: HTTPServerTests.echo)
    let port = borrowed.port
    #expect(await borrowed.finish())
    let text = """
      daemon off; master_process off; pid \(socket).pid; error_log \(directory)/error.log;
      events {}
      http {
        access_log off; client_body_temp_path \(directory); proxy_temp_path \(directory);
        fastcgi_temp_path \(directory); uwsgi_temp_path \(directory); scgi_temp_path \(directory);
        server {
          listen 127.0.0.1:\(port) ssl http2;
          ssl_certificate \(identity.chainFile); ssl_certificate_key \(identity.keyFile);
          location / { return 200 "$server_protocol $request_uri"; }
        }
      }
      """
    try text.write(toFile: directory + "/nginx.conf", atomically: true, encoding: .utf8)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: nginx)
    process.arguments = ["-p", directory, "-c", directory + "/nginx.conf"]
    // An inherited pipe would keep the test run's output open.
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    // The child inherits a signal mask in which SIGTERM is blocked: only SIGKILL ends it.
    defer {
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }

    let scene = try await ClientScene()
    var request = HTTPClientRequest("GET", "https://127.0.0.1:\(port)/two")
    request.proxy = .none
    request.trust = .authorities(file: identity.chainFile)
    try await waitUntil { await scene.failure(request) == nil }
    let answer = try await scene.client.send(request)
    #expect(answer.head.version == 20)
    #expect(answer.text == "HTTP/2.0 /two")
    request.version = .http11
    #expect(try await scene.client.send(request).head.version == 11)
    #expect(await scene.finish())
  }
}
