// SPDX-License-Identifier: MIT

internal import Bytes
internal import COpenSSL
internal import ModelCatalog

/// An RSA private key that signs with PKCS #1 v1.5 and SHA-256: `RS256` of RFC 7518 section 3.3.
///
/// SAFETY: the key belongs to this object, which frees it; OpenSSL writes at most as many bytes as
/// it has just said.
@safe
final class RSASigner {
  private let key: OpaquePointer

  /// A key shorter than this is none to trust (NIST SP 800-131A).
  static let bitsMinimum: Int32 = 2_048

  /// Reads a key in PEM, PKCS #8 or PKCS #1; nil for anything else, also for one that is sealed
  /// with a password.
  init?(pem: Secret) {
    let key = unsafe pem.text.withByteView { text -> OpaquePointer? in
      guard let memory = unsafe BIO_new_mem_buf(text.base, Int32(clamping: text.count)) else {
        return nil
      }
      let key = unsafe copenssl_read_private_key(memory)
      unsafe BIO_free(memory)
      return unsafe key
    }
    // Also a key that was read may leave errors, which TLS on this thread would take for its own.
    ERR_clear_error()
    guard let key = unsafe key else { return nil }
    guard unsafe EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA,
      unsafe EVP_PKEY_get_bits(key) >= Self.bitsMinimum
    else {
      unsafe EVP_PKEY_free(key)
      return nil
    }
    unsafe self.key = key
  }

  deinit { unsafe EVP_PKEY_free(key) }

  /// Nil when OpenSSL refuses.
  func signature(of message: [UInt8]) -> [UInt8]? {
    guard let context = unsafe EVP_MD_CTX_new() else { return nil }
    defer { unsafe EVP_MD_CTX_free(context) }
    var length = 0
    guard unsafe EVP_DigestSignInit(context, nil, EVP_sha256(), nil, key) == 1,
      unsafe EVP_DigestSign(context, nil, &length, message, message.count) == 1
    else {
      ERR_clear_error()
      return nil
    }
    var signature = [UInt8](repeating: 0, count: length)
    guard unsafe EVP_DigestSign(context, &signature, &length, message, message.count) == 1 else {
      ERR_clear_error()
      return nil
    }
    signature.removeLast(signature.count - length)
    return signature
  }
}
