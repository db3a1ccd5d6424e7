// SPDX-License-Identifier: MIT

import COpenSSL
import Glibc
import Synchronization

/// A server that clients connect to again and again: its name and the sessions to resume with.
///
/// Made once per upstream when the configuration is loaded; any thread may connect with it.
///
/// SAFETY: the name is immutable; the kept `SSL_SESSION`s are owned references, moved in and out
/// under the lock.
public final class TLSPeer: @unchecked Sendable {
  public let context: TLSContext
  let name: UnsafeMutablePointer<CChar>
  /// Addresses are checked against the certificate's addresses, and no name is sent (RFC 6066 §3).
  let isAddress: Bool
  private let sessions: Mutex<SessionStack>

  private struct SessionStack: @unchecked Sendable {
    var items: [OpaquePointer] = []
  }

  /// - Parameter name: host name or IP address (no brackets), as the certificate must have it.
  /// - Throws: `configuration` if the context is a server's or the name is empty or has a NUL.
  public init(context: TLSContext, name: String) throws(TLSError) {
    guard context.role == .client, !name.isEmpty, !name.utf8.contains(0), let copy = strdup(name)
    else { throw TLSError(kind: .configuration) }
    self.context = context
    self.name = copy
    var address = in6_addr()
    isAddress =
      inet_pton(AF_INET, copy, &address) == 1 || inet_pton(AF_INET6, copy, &address) == 1
    sessions = Mutex(SessionStack())
  }

  deinit {
    free(name)
    sessions.withLock { stack in
      for session in stack.items { SSL_SESSION_free(session) }
    }
  }

  /// Sessions that the next connections can resume.
  public var resumableSessionCount: Int { sessions.withLock { $0.items.count } }

  /// Takes ownership of `session` unless it answers false. The newest replaces the oldest.
  func keep(_ session: OpaquePointer) -> Bool {
    let maximum = context.sessionsPerPeerMaximum
    if maximum == 0 { return false }
    let dropped: OpaquePointer? = sessions.withLock { stack in
      let oldest = stack.items.count == maximum ? stack.items.removeFirst() : nil
      stack.items.append(session)
      return oldest
    }
    if let dropped { SSL_SESSION_free(dropped) }
    return true
  }

  /// Offers the newest session for resumption on `ssl`. A TLS 1.3 ticket is used once
  /// (RFC 8446 appendix C.4); a TLS 1.2 session stays for the next connection.
  func resume(on ssl: OpaquePointer) {
    guard let session = sessions.withLock({ $0.items.popLast() }) else { return }
    guard SSL_SESSION_is_resumable(session) == 1, SSL_set_session(ssl, session) == 1,
      SSL_SESSION_get_protocol_version(session) < TLS1_3_VERSION, keep(session)
    else {
      SSL_SESSION_free(session)
      return
    }
  }
}

/// OpenSSL's "new session" callback: 1 takes the reference over.
func keepClientSession(_ ssl: OpaquePointer?, _ session: OpaquePointer?) -> Int32 {
  guard let ssl, let session, let data = copenssl_get_app_data(ssl) else { return 0 }
  let state = data.assumingMemoryBound(to: TLSSessionState.self)
  guard let peer = state.pointee.peer?.takeUnretainedValue() else { return 0 }
  return peer.keep(session) ? 1 : 0
}
