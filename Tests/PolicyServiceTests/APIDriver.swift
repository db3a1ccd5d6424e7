// SPDX-License-Identifier: MIT

import ControlPlane
import Foundation
import PolicyService
import Testing

/// How a test reaches the API: the same test runs in memory and on a real socket.
enum APIDriver: String, CaseIterable {
  case memory
  case socket

  struct Reply {
    var status: Int
    var fields: HTTPFields
    var body: [UInt8]

    var json: JSONValue { (try? JSONValue(parsing: body)) ?? .null }
  }

  func send(
    _ method: String, _ path: String, _ body: String = "", to state: any PolicyServiceState
  ) async throws -> Reply {
    let table = RouteTable(PolicyAPI(state).routes)
    switch self {
    case .memory:
      let request = HTTPRequest(method: method, target: path, body: Array(body.utf8))
      let response = await table.answer(request)
      guard case .bytes(let bytes) = response.body else {
        return Reply(status: response.status, fields: response.fields, body: [])
      }
      return Reply(status: response.status, fields: response.fields, body: bytes)
    case .socket:
      let server = try LiveServer(table)
      let bytes = await server.exchange(method, path, body)
      #expect(await server.finish(), "the server did not end")
      return try Self.parse(bytes)
    }
  }

  private static func parse(_ bytes: [UInt8]) throws -> Reply {
    let text = String(decoding: bytes, as: UTF8.self)
    let end = try #require(text.range(of: "\r\n\r\n"), "no head in \(bytes.count) bytes")
    let lines = text[..<end.lowerBound].split(separator: "\r\n")
    let status = Int(lines[0].split(separator: " ")[1]) ?? 0
    var fields = HTTPFields()
    for line in lines.dropFirst() {
      let parts = line.split(separator: ": ", maxSplits: 1)
      fields.append(String(parts[0]), parts.count == 2 ? String(parts[1]) : "")
    }
    return Reply(status: status, fields: fields, body: Array(text[end.upperBound...].utf8))
  }
}
