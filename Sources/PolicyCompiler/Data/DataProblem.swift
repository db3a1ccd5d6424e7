// SPDX-License-Identifier: MIT

public import CedarSyntax

/// Why data (entities, a context, a request) was refused.
public struct DataProblem: Error, Sendable, CustomStringConvertible {
  /// Where in the data, such as `entities[3].attrs.owner`; empty for the whole.
  public let path: String
  /// In lower case, with the user's words in backticks.
  public let message: String

  public init(_ path: String, _ message: String) {
    self.path = path
    self.message = message
  }

  /// A syntax error of the JSON text.
  public init(_ error: CedarJSON.SyntaxError) {
    self.init("", "\(error.message) at byte \(error.offset)")
  }

  public var description: String { path.isEmpty ? message : "\(path): \(message)" }
}

/// Parses JSON, wording its errors as problems of the data.
func parseJSON(_ text: String) throws(DataProblem) -> CedarJSON {
  do throws(CedarJSON.SyntaxError) {
    return try CedarJSON(parsing: text)
  } catch {
    throw DataProblem(error)
  }
}
