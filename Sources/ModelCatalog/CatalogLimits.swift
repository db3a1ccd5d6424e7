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
}
