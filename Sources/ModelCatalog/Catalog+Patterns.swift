// SPDX-License-Identifier: MIT

public import Bytes

extension Catalog {
  /// The pattern of `model_routing` that decides about a name that no model has: the most specific
  /// that matches. Nil where none does, or the name is none that can be sent upstream. Allocates
  /// nothing.
  public func pattern(for name: ByteView) -> NamePattern? {
    guard patterns.count > 0, Self.canBeSent(name) else { return nil }
    for position in patterns.indices {
      let pattern = patterns[position]
      if Glob.matches(pattern: pattern.text, name: name) { return pattern }
    }
    return nil
  }

  /// Whether a name that nobody has checked may go to an upstream, in bodies and paths: letters,
  /// digits and the marks that names of models have, and nothing that leads out of a path.
  static func canBeSent(_ name: ByteView) -> Bool {
    guard (1...CatalogLimits.nameBytesMaximum).contains(name.count) else { return false }
    var before = UInt8(ascii: "/")
    for index in 0..<name.count {
      let byte = name[index]
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: break
      case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "@"),
        UInt8(ascii: "+"):
        break
      // No segment is empty, or begins with a dot.
      case UInt8(ascii: "."), UInt8(ascii: "/"):
        if before == UInt8(ascii: "/") { return false }
      default: return false
      }
      before = byte
    }
    return before != UInt8(ascii: "/")
  }
}
