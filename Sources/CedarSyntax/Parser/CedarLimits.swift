// SPDX-License-Identifier: MIT

/// Bounds on what is accepted; beyond each there is an error with its own code, never a crash.
public enum CedarLimits {
  /// Nesting of parentheses, brackets, braces, `if` and calls in source text. The reference ends
  /// its process at about 800; real policies stay below 20.
  public static let nestingMax = 256
  /// Depth of an expression tree, which member chains (`a.b.c`) also deepen.
  public static let depthMax = 1_024
  /// Bytes of one source text. Spans keep offsets in 32 bits.
  public static let sourceBytesMax = 256 * 1_024 * 1_024
  /// Diagnostics kept per source text; the rest are counted in a last note.
  public static let diagnosticsMax = 1_000
  /// Nesting of a JSON text.
  public static let jsonDepthMax = 1_024
}
