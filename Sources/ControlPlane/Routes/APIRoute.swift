// SPDX-License-Identifier: MIT

/// One operation of an API: what serves it, and what the OpenAPI document says of it.
public struct APIRoute: Sendable {
  /// Throwing an `HTTPError` answers with it; any other error is a 500 that says nothing.
  public typealias Respond = @Sendable (HTTPRequest) async throws -> HTTPResponse

  /// In capitals.
  public var method: String
  /// `/decisions/{id}`: a segment in braces matches any one segment, `{name...}` at the end any
  /// rest. A literal segment wins over one in braces.
  public var path: String
  public var operation: APIOperation
  public var respond: Respond

  public init(
    _ method: String, _ path: String, _ operation: APIOperation, respond: @escaping Respond
  ) {
    self.method = method
    self.path = path
    self.operation = operation
    self.respond = respond
  }

  /// The names in braces, in their order.
  var parameterNames: [String] {
    path.split(separator: "/").compactMap { segment in
      guard segment.hasPrefix("{"), segment.hasSuffix("}") else { return nil }
      let name = segment.dropFirst().dropLast()
      return String(name.hasSuffix("...") ? name.dropLast(3) : name)
    }
  }
}
