// SPDX-License-Identifier: MIT

public import Bytes
internal import COpenSSL

/// SHA-256 by OpenSSL (FIPS 180-4).
public enum SHA256 {
  public static let byteCount = 32

  /// Calls `body` with the 32 bytes of the digest of `bytes`, valid for the call; nil when OpenSSL
  /// refuses (no provider loaded). Allocates nothing.
  public static func withDigest<Result>(
    of bytes: ByteView, _ body: (ByteView) -> Result
  ) -> Result? {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: byteCount) { digest in
      guard let base = digest.baseAddress, COpenSSL.SHA256(bytes.base, bytes.count, base) != nil
      else { return nil }
      return body(ByteView(base: base, count: byteCount))
    }
  }
}
