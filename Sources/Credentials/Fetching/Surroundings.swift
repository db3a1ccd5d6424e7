// SPDX-License-Identifier: MIT

/// What a fetch finds around it: environment variables, given as values.
public struct Surroundings: Sendable {
  public var environment: [String: String]

  public init(environment: [String: String]) { self.environment = environment }

  /// The variable's value; nil when it is unset or empty.
  public subscript(name: String) -> String? {
    environment[name].flatMap { $0.isEmpty ? nil : $0 }
  }

  /// A path under the home folder; nil when there is none.
  func home(_ path: String) -> String? { self["HOME"].map { "\($0)/\(path)" } }
}

extension String {
  /// Without white space at either end: files with a token in them end in a line feed.
  var withoutOuterSpace: String {
    var rest = self[...]
    while let first = rest.first, first.isWhitespace { rest = rest.dropFirst() }
    while let last = rest.last, last.isWhitespace { rest = rest.dropLast() }
    return String(rest)
  }

  /// Of a file's bytes; nil where they are no UTF-8.
  init?(contents bytes: [UInt8]) { self.init(validating: bytes, as: UTF8.self) }

  /// Without a slash at the end.
  var withoutEndSlash: String { hasSuffix("/") ? String(dropLast()) : self }
}
