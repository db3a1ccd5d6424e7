// SPDX-License-Identifier: MIT

public import ControlPlane

/// What came of reading the policies anew.
public enum ReloadOutcome: Sendable, Equatable {
  case loaded(ReloadReport)
  /// The running policies stay.
  case refused(ReloadRefusal)
}

/// Policies that are in force now.
public struct ReloadReport: Sendable, Equatable {
  /// The content hash, in hexadecimal.
  public var version: String
  public var policyCount: Int
  /// Policy tests that ran, and passed.
  public var testCount: Int
  public var milliseconds: Double
  /// False when the same version was in force before.
  public var isChanged: Bool
  /// Warnings; no error is among them.
  public var findings: [PolicyFinding]

  public init(
    version: String, policyCount: Int, testCount: Int, milliseconds: Double, isChanged: Bool,
    findings: [PolicyFinding]
  ) {
    self.version = version
    self.policyCount = policyCount
    self.testCount = testCount
    self.milliseconds = milliseconds
    self.isChanged = isChanged
    self.findings = findings
  }

  public var json: JSONValue {
    [
      "version": .string(version), "policies": JSONValue(policyCount),
      "tests": JSONValue(testCount), "milliseconds": .number(milliseconds),
      "changed": .boolean(isChanged), "diagnostics": .array(findings.map(\.json)),
    ]
  }
}

/// Policies that were not taken, with everything that is wrong with them.
public struct ReloadRefusal: Error, Sendable, Equatable {
  public var findings: [PolicyFinding]
  /// What stays in force; nil when there is nothing yet.
  public var runningVersion: String?

  public init(findings: [PolicyFinding], runningVersion: String?) {
    self.findings = findings
    self.runningVersion = runningVersion
  }
}

/// One diagnostic as it goes over the wire: where, what, and the source with a caret.
public struct PolicyFinding: Sendable, Equatable {
  /// `error`, `warning` or `note`.
  public var severity: String
  /// `CEDAR0012`; `FILE` for a file that cannot be read, `TEST` for a policy test that fails.
  public var code: String
  public var message: String
  public var file: String
  /// From 1; nil when the finding is about the whole file.
  public var line: Int?
  public var column: Int?
  public var help: String?
  /// As `policyc check` prints it, without colour.
  public var text: String

  public init(
    severity: String = "error", code: String, message: String, file: String, line: Int? = nil,
    column: Int? = nil, help: String? = nil, text: String? = nil
  ) {
    self.severity = severity
    self.code = code
    self.message = message
    self.file = file
    self.line = line
    self.column = column
    self.help = help
    let place = line.map { "\(file):\($0):\(column ?? 1)" } ?? file
    self.text = text ?? "\(place): \(severity): \(message)"
  }

  public var isError: Bool { severity == "error" }

  var json: JSONValue {
    [
      "severity": .string(severity), "code": .string(code), "message": .string(message),
      "file": .string(file), "line": line.map { JSONValue($0) } ?? .null,
      "column": column.map { JSONValue($0) } ?? .null, "help": JSONValue(help),
      "text": .string(text),
    ]
  }
}
