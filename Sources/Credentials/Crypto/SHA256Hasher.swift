// SPDX-License-Identifier: MIT

public import Bytes
internal import COpenSSL

/// A SHA-256 digest: 32 bytes.
public typealias SHA256Digest = InlineArray<32, UInt8>

/// SHA-256 over pieces (FIPS 180-4), by OpenSSL. One hasher serves one digest after another and
/// allocates nothing after its first.
///
/// SAFETY: the context belongs to this object, which frees it. The digest is written into 32 bytes
/// of its own, which is what OpenSSL writes for this algorithm. Not `Sendable`: one user at a time.
@safe
public final class SHA256Hasher {
  private let context: OpaquePointer
  private let algorithm: OpaquePointer
  /// Whether OpenSSL has refused a step since `begin`.
  private var hasFailed = false

  /// Nil when OpenSSL has no SHA-256 to offer, or no memory.
  public init?() {
    guard let context = unsafe EVP_MD_CTX_new() else { return nil }
    guard let algorithm = unsafe EVP_MD_fetch(nil, "SHA256", nil) else {
      unsafe EVP_MD_CTX_free(context)
      return nil
    }
    unsafe self.context = context
    unsafe self.algorithm = algorithm
    begin()
  }

  deinit {
    unsafe EVP_MD_CTX_free(context)
    unsafe EVP_MD_free(algorithm)
  }

  /// Forgets what was added.
  public func begin() { hasFailed = unsafe EVP_DigestInit_ex2(context, algorithm, nil) != 1 }

  public func add(_ bytes: ByteView) {
    if unsafe EVP_DigestUpdate(context, bytes.base, bytes.count) != 1 { hasFailed = true }
  }

  /// The digest of what was added, and a new beginning; nil when OpenSSL refused a step.
  public func finish() -> SHA256Digest? {
    var digest = SHA256Digest(repeating: 0)
    var span = digest.mutableSpan
    let isDone = unsafe span.withUnsafeMutableBufferPointer { buffer in
      unsafe EVP_DigestFinal_ex(context, buffer.baseAddress, nil) == 1
    }
    let isGood = isDone && !hasFailed
    begin()
    return isGood ? digest : nil
  }
}

/// HMAC with SHA-256 (RFC 2104), by OpenSSL.
enum HMACSHA256 {
  /// Nil when OpenSSL refuses.
  static func code(of message: ByteView, key: ByteView) -> SHA256Digest? {
    var code = SHA256Digest(repeating: 0)
    var span = code.mutableSpan
    // SAFETY: 32 bytes are what HMAC writes with this digest; both views are read within bounds.
    let isGood = unsafe span.withUnsafeMutableBufferPointer { buffer in
      unsafe HMAC(
        EVP_sha256(), key.base, Int32(clamping: key.count), message.base, message.count,
        buffer.baseAddress, nil) != nil
    }
    return isGood ? code : nil
  }

  static func code(of message: ByteView, key: borrowing SHA256Digest) -> SHA256Digest? {
    withView(of: key) { code(of: message, key: $0) }
  }
}

/// Calls `body` with the digest's bytes, valid for the call.
func withView<Result>(
  of digest: borrowing SHA256Digest, _ body: (ByteView) -> Result
) -> Result {
  unsafe digest.span.withUnsafeBufferPointer { buffer in
    guard let base = buffer.baseAddress else { return body(.empty) }
    return unsafe body(ByteView(base: base, count: buffer.count))
  }
}

extension ByteWriter {
  /// Appends the digest in 64 lower-case hexadecimal digits.
  mutating func append(hexadecimal digest: borrowing SHA256Digest) {
    for index in digest.indices {
      append(hexadecimalDigit(digest[index] >> 4))
      append(hexadecimalDigit(digest[index] & 15))
    }
  }
}

private func hexadecimalDigit(_ value: UInt8) -> UInt8 {
  value < 10 ? value &+ 0x30 : value &+ 0x57
}
