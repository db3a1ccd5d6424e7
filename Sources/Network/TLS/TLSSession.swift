// SPDX-License-Identifier: MIT

import Bytes
import COpenSSL

/// One TLS connection as a pure state machine: ciphertext and plaintext in and out, no socket.
///
/// Feed what the socket gave, read until `wantsInput`, send `workspace.output` on after every call.
/// The first reads run the handshake.
///
/// SAFETY: a handle to pooled state. It is valid from `make` to `destroy()`, on the thread of its
/// workspace; the owner (one transport) holds the only copy that it uses after that.
public struct TLSSession {
  let state: UnsafeMutablePointer<TLSSessionState>

  /// - Throws: `configuration` or `protocolFailure` when OpenSSL is out of memory.
  public static func client(
    _ peer: TLSPeer, in workspace: TLSWorkspace
  ) throws(TLSError) -> TLSSession {
    let session = try make(peer.context, in: workspace)
    let ssl = session.state.pointee.ssl
    session.state.pointee.peer = Unmanaged.passRetained(peer)
    SSL_set_connect_state(ssl)
    if session.expect(peer) == false {
      session.destroy()
      throw .takeQueue(.configuration)
    }
    peer.resume(on: ssl)
    return session
  }

  /// - Throws: `configuration` if the context is a client's, `protocolFailure` when out of memory.
  public static func server(
    _ context: TLSContext, in workspace: TLSWorkspace
  ) throws(TLSError) -> TLSSession {
    if context.role != .server { throw TLSError(kind: .configuration) }
    let session = try make(context, in: workspace)
    SSL_set_accept_state(session.state.pointee.ssl)
    session.state.pointee.owesTicket = true
    return session
  }

  private static func make(
    _ context: TLSContext, in workspace: TLSWorkspace
  ) throws(TLSError) -> TLSSession {
    guard let ssl = SSL_new(context.handles[0]) else { throw .takeQueue(.protocolFailure) }
    let state = workspace.takeState()
    state.initialize(
      to: TLSSessionState(
        ssl: ssl, input: UnsafePointer(workspace.storage.pointee.output),
        workspace: workspace.storage, context: Unmanaged.passRetained(context)))
    guard let bio = makeBorrowingBIO(state) else {
      TLSSession(state: state).destroy()
      throw .takeQueue(.protocolFailure)
    }
    // The same BIO both ways: OpenSSL takes the one reference.
    SSL_set_bio(ssl, bio, bio)
    copenssl_set_app_data(ssl, state)
    return TLSSession(state: state)
  }

  /// Sets the name to send and the name the certificate must have.
  private func expect(_ peer: TLSPeer) -> Bool {
    let ssl = state.pointee.ssl
    if !peer.isAddress && copenssl_set_server_name(ssl, peer.name) != 1 { return false }
    if !peer.context.isVerifying { return true }
    if peer.isAddress {
      return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), peer.name) == 1
    }
    SSL_set_hostflags(ssl, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
    return SSL_set1_host(ssl, peer.name) == 1
  }

  /// Frees the session. Output it produced stays in the workspace.
  public func destroy() {
    let workspace = TLSWorkspace(storage: state.pointee.workspace)
    if state.pointee.phase == .open || state.pointee.phase == .closed {
      // Otherwise OpenSSL takes a session freed without both close_notifys for a broken one and
      // marks it as not resumable; a peer's half that never came says nothing about its keys.
      SSL_set_shutdown(state.pointee.ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN)
    }
    SSL_free(state.pointee.ssl)
    state.pointee.context.release()
    state.pointee.peer?.release()
    workspace.giveBack(state)
  }
}

/// The pooled state behind a `TLSSession`.
struct TLSSessionState {
  enum Phase: UInt8 {
    /// → open, failed
    case handshaking
    /// → closed (peer's close_notify), failed
    case open
    /// No more plaintext comes; → failed
    case closed
    case failed
  }

  var ssl: OpaquePointer
  var input: UnsafePointer<UInt8>
  var inputCount = 0
  var workspace: UnsafeMutablePointer<TLSWorkspaceStorage>
  var context: Unmanaged<TLSContext>
  var peer: Unmanaged<TLSPeer>?
  var phase = Phase.handshaking
  var hasSentClose = false
  /// A server's, before it has written: its client has no ticket yet.
  var owesTicket = false
  var error = TLSError(kind: .closed)
  var next: UnsafeMutablePointer<TLSSessionState>?
}
