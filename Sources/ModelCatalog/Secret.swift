// SPDX-License-Identifier: MIT

/// A text that must not show up anywhere but on the wire: printing, interpolating and dumping one
/// shows asterisks.
public struct Secret: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  /// The text itself.
  public let text: String

  public init(_ text: String) { self.text = text }

  public var description: String { "***" }
  public var debugDescription: String { "***" }
  public var customMirror: Mirror { Mirror(self, children: [:]) }

  public var isEmpty: Bool { text.isEmpty }

  /// Whether the text may stand in a header field: visible ASCII.
  public var isFieldValue: Bool { text.utf8.allSatisfy { (0x21...0x7e).contains($0) } }
}
