// SPDX-License-Identifier: MIT

/// The bounds of a request or response head. (The number of fields is bounded by the capacity of
/// the `HeaderTable`.)
@frozen
public struct HeadLimits: Sendable {
  /// The longest head, start line and final empty line included: 431 beyond.
  public var headBytesMax: Int
  /// The longest request target: 414 beyond.
  public var targetBytesMax: Int
  /// How many empty lines may precede a request line (RFC 9112 section 2.2 asks for at least one).
  public var leadingEmptyLinesMax: Int

  @inlinable
  public init(
    headBytesMax: Int = 32_768, targetBytesMax: Int = 8_192, leadingEmptyLinesMax: Int = 4
  ) {
    self.headBytesMax = headBytesMax
    self.targetBytesMax = targetBytesMax
    self.leadingEmptyLinesMax = leadingEmptyLinesMax
  }
}
