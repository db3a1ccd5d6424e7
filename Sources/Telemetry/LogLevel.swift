// SPDX-License-Identifier: MIT

public enum LogLevel: Int, Comparable, CaseIterable, Sendable {
  case debug, info, warning, error

  public var label: String {
    switch self {
    case .debug: "debug"
    case .info: "info"
    case .warning: "warning"
    case .error: "error"
    }
  }

  /// Reads a label, as a configuration file holds it.
  public init?(label: String) {
    guard let level = LogLevel.allCases.first(where: { $0.label == label }) else { return nil }
    self = level
  }

  public static func < (left: LogLevel, right: LogLevel) -> Bool {
    left.rawValue < right.rawValue
  }
}
