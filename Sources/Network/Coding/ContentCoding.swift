// SPDX-License-Identifier: MIT

public import Bytes

/// A content coding that request bodies may have (RFC 9110 section 8.4.1).
public enum ContentCoding: UInt8, Sendable {
  case identity
  /// RFC 1952; one member or several.
  case gzip
  /// RFC 8878, with windows up to 8 MiB as RFC 9659 has it for HTTP; one frame or several.
  case zstd

  /// What `Accept-Encoding` says of the codings (RFC 9110 section 15.5.16).
  public static let accepted: StaticString = "gzip, zstd"

  /// The coding that a field's value names; nil for one that is not known, and for several.
  public init?(_ value: ByteView) {
    if value.equalsIgnoringCase("gzip") || value.equalsIgnoringCase("x-gzip") {
      self = .gzip
    } else if value.equalsIgnoringCase("zstd") {
      self = .zstd
    } else if value.isEmpty || value.equalsIgnoringCase("identity") {
      self = .identity
    } else {
      return nil
    }
  }
}
