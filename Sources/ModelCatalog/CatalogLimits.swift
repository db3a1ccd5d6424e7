// SPDX-License-Identifier: MIT

/// How large a catalogue may be. Dense indices are 16 bits wide.
public enum CatalogLimits {
  public static let modelsMaximum = 4_096
  public static let groupsMaximum = 1_024
  public static let groupMembersMaximum = 65_535
  public static let gatewaysMaximum = 1_024
  public static let deploymentsMaximum = 16_384
  public static let nameBytesMaximum = 256
  public static let weightMaximum: UInt32 = 10_000
  /// Names proposed for one that is unknown.
  public static let suggestionsMaximum = 3

  /// Whether a text can be the name of something: visible ASCII without quotes and backslash, of
  /// bounded length.
  ///
  /// - Parameter allowsStar: whether it may be a pattern of such names.
  public static func isName(_ text: String, allowsStar: Bool = false) -> Bool {
    let isGood = text.utf8.allSatisfy {
      (0x21...0x7e).contains($0) && ![0x22, 0x27, 0x5c, 0x60].contains($0)
        && (allowsStar || $0 != UInt8(ascii: "*"))
    }
    return isGood && (1...nameBytesMaximum).contains(text.utf8.count)
  }
}
