// SPDX-License-Identifier: MIT

/// A request as it reached the scripted provider, whole.
public struct ReceivedRequest: Sendable {
  /// Method in capitals.
  public var method: String
  /// Path and query as sent.
  public var target: String
  /// In the order sent, names as sent.
  public var headers: [(name: String, value: String)]
  public var body: [UInt8]

  public init(
    method: String, target: String, headers: [(name: String, value: String)] = [],
    body: [UInt8] = []
  ) {
    self.method = method
    self.target = target
    self.headers = headers
    self.body = body
  }

  /// The path without its query.
  public var path: String { String(target.prefix { $0 != "?" }) }

  /// The value of the first header called `name`, in any case.
  public func header(_ name: String) -> String? {
    let wanted = name.lowercased()
    return headers.first { $0.name.lowercased() == wanted }?.value
  }
}
