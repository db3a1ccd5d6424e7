// SPDX-License-Identifier: MIT
//
// The BIO between a session and the socket. OpenSSL's own BIO pair keeps a ring per direction and
// session (2 × 17 KB) and copies through it; this one owns nothing: it reads from the ciphertext
// the caller lends for the call and writes into the loop's shared output buffer.

import COpenSSL
import Glibc

/// The method table, made once per process.
///
/// SAFETY: immutable after creation, and `BIO_new` only reads it.
nonisolated(unsafe) private let borrowingMethod: OpaquePointer = {
  guard let method = BIO_meth_new(BIO_TYPE_SOURCE_SINK | 0x7f, "borrowed bytes") else {
    fatalError("out of memory for a BIO method")
  }
  _ = BIO_meth_set_read(method, readBorrowed)
  _ = BIO_meth_set_write(method, writeBorrowed)
  _ = BIO_meth_set_ctrl(method, controlBorrowed)
  _ = BIO_meth_set_create(method, createBorrowed)
  return method
}()

/// Nil only when out of memory.
func makeBorrowingBIO(_ state: UnsafeMutablePointer<TLSSessionState>) -> OpaquePointer? {
  guard let bio = BIO_new(borrowingMethod) else { return nil }
  BIO_set_data(bio, state)
  return bio
}

private func createBorrowed(_ bio: OpaquePointer?) -> Int32 {
  BIO_set_init(bio, 1)
  return 1
}

private func readBorrowed(
  _ bio: OpaquePointer?, _ target: UnsafeMutablePointer<CChar>?, _ length: Int32
) -> Int32 {
  copenssl_bio_clear_retry(bio)
  guard let target, let data = BIO_get_data(bio) else { return 0 }
  let state = data.assumingMemoryBound(to: TLSSessionState.self)
  let taken = min(Int(length), state.pointee.inputCount)
  if taken <= 0 {
    copenssl_bio_set_retry_read(bio)
    return -1
  }
  memcpy(target, state.pointee.input, taken)
  state.pointee.input += taken
  state.pointee.inputCount -= taken
  return Int32(taken)
}

private func writeBorrowed(
  _ bio: OpaquePointer?, _ source: UnsafePointer<CChar>?, _ length: Int32
) -> Int32 {
  copenssl_bio_clear_retry(bio)
  guard let source, let data = BIO_get_data(bio) else { return 0 }
  let state = data.assumingMemoryBound(to: TLSSessionState.self)
  let workspace = state.pointee.workspace
  let taken = min(Int(length), TLSWorkspace.outputCapacity - workspace.pointee.outputCount)
  if taken <= 0 {
    copenssl_bio_set_retry_write(bio)
    return -1
  }
  memcpy(workspace.pointee.output + workspace.pointee.outputCount, source, taken)
  workspace.pointee.outputCount += taken
  return Int32(taken)
}

private func controlBorrowed(
  _ bio: OpaquePointer?, _ command: Int32, _ number: Int, _ argument: UnsafeMutableRawPointer?
) -> Int {
  // A flush has nothing to do, and must say that it succeeded.
  command == BIO_CTRL_FLUSH ? 1 : 0
}
