// SPDX-License-Identifier: MIT

public import Bytes
import COpenSSL

/// What a `TLSSession.read` came to.
public enum TLSRead: Equatable {
  /// So many bytes of plaintext, at least one; read again.
  case bytes(Int)
  /// All ciphertext fed is used up.
  case wantsInput
  /// The shared output is full: send it on, clear it, read again.
  case wantsOutput
  /// The peer's close_notify: the plaintext is complete.
  case closed
  /// See `error`. Output may hold the alert that tells the peer why.
  case failed
}

extension TLSSession {
  /// Lends ciphertext for the reads that follow, up to and including the one that answers
  /// `wantsInput`, `closed` or `failed`.
  ///
  /// - Precondition: what was fed before has been used up.
  public func feed(_ ciphertext: ByteView) {
    assert(state.pointee.inputCount == 0, "TLS input fed before the last was used up")
    state.pointee.input = ciphertext.base
    state.pointee.inputCount = ciphertext.count
  }

  /// Runs the handshake as far as the input goes, then decrypts at most `capacity` bytes.
  public func read(into target: UnsafeMutablePointer<UInt8>, capacity: Int) -> TLSRead {
    switch state.pointee.phase {
    case .handshaking:
      let step = handshake()
      if state.pointee.phase != .open { return step }
    case .open: break
    case .closed:
      state.pointee.inputCount = 0
      return .closed
    case .failed:
      state.pointee.inputCount = 0
      return .failed
    }
    TLSError.clearQueue()
    let answer = SSL_read(state.pointee.ssl, target, Int32(min(capacity, Int(Int32.max))))
    if answer > 0 { return .bytes(Int(answer)) }
    return explain(answer)
  }

  /// Starts or continues the handshake: a client calls it once to have its hello in the output.
  ///
  /// - Returns: `wantsInput`, `wantsOutput` or `failed`; `phase` tells whether it is done.
  @discardableResult
  public func handshake() -> TLSRead {
    if state.pointee.phase != .handshaking { return .wantsInput }
    TLSError.clearQueue()
    let answer = SSL_do_handshake(state.pointee.ssl)
    if answer == 1 {
      state.pointee.phase = .open
      return .wantsInput
    }
    return explain(answer)
  }

  /// Encrypts as much of `plaintext` as the output has room for: whole records, so that nothing of
  /// a record stays behind inside the session.
  ///
  /// - Returns: the bytes taken; 0 while handshaking, with the output full, or after a failure.
  public func write(_ plaintext: ByteView) -> Int {
    if state.pointee.phase != .open && state.pointee.phase != .closed { return 0 }
    if state.pointee.hasSentClose { return 0 }
    if state.pointee.owesTicket {
      // Written with what follows, in one segment. (TLS 1.2 has sent one in its handshake.)
      state.pointee.owesTicket = false
      SSL_new_session_ticket(state.pointee.ssl)
    }
    let room = TLSWorkspace.recordPlaintextMaximum + TLSWorkspace.recordOverheadMaximum
    var taken = 0
    while taken < plaintext.count {
      let free = TLSWorkspace.outputCapacity - state.pointee.workspace.pointee.outputCount
      if free < room { break }
      let length = min(plaintext.count - taken, TLSWorkspace.recordPlaintextMaximum)
      TLSError.clearQueue()
      let answer = SSL_write(state.pointee.ssl, plaintext.base + taken, Int32(length))
      if answer <= 0 {
        _ = explain(answer)
        break
      }
      taken += Int(answer)
    }
    return taken
  }

  /// Puts close_notify into the output. Reading may go on; writing may not.
  public func close() {
    if state.pointee.hasSentClose { return }
    state.pointee.hasSentClose = true
    if state.pointee.phase != .open && state.pointee.phase != .closed { return }
    TLSError.clearQueue()
    _ = SSL_shutdown(state.pointee.ssl)
    ERR_clear_error()
  }

  /// The socket's end of file. Without the peer's close_notify that is a truncation, which only
  /// matters to a reader that does not know where its message ends.
  ///
  /// - Returns: `closed` or `failed`.
  public func endOfInput() -> TLSRead {
    switch state.pointee.phase {
    case .closed: return .closed
    case .failed: return .failed
    case .open, .handshaking: return fail(TLSError(kind: .truncated))
    }
  }

  private func explain(_ answer: Int32) -> TLSRead {
    let ssl = state.pointee.ssl
    switch SSL_get_error(ssl, answer) {
    case SSL_ERROR_WANT_READ: return .wantsInput
    case SSL_ERROR_WANT_WRITE: return .wantsOutput
    case SSL_ERROR_ZERO_RETURN:
      state.pointee.phase = .closed
      state.pointee.inputCount = 0
      return .closed
    default:
      return fail(.takeQueue(.protocolFailure, verification: SSL_get_verify_result(ssl)))
    }
  }

  private func fail(_ error: TLSError) -> TLSRead {
    state.pointee.phase = .failed
    state.pointee.inputCount = 0
    state.pointee.error = error
    return .failed
  }
}

extension TLSSession {
  public var isOpen: Bool { state.pointee.phase == .open }
  public var isHandshaking: Bool { state.pointee.phase == .handshaking }
  public var isFailed: Bool { state.pointee.phase == .failed }
  var isClient: Bool { state.pointee.peer != nil }
  var workspace: TLSWorkspace { TLSWorkspace(storage: state.pointee.workspace) }

  /// Plaintext decrypted and not yet read: the rest of a record that a reader's buffer was too
  /// small for.
  var hasPending: Bool { SSL_pending(state.pointee.ssl) > 0 }

  /// A read may bring more without more being fed.
  var hasInput: Bool { state.pointee.inputCount > 0 || hasPending }

  /// Takes the ciphertext lent and not yet used back.
  func takeInput() -> ByteView {
    defer { state.pointee.inputCount = 0 }
    return ByteView(base: state.pointee.input, count: state.pointee.inputCount)
  }

  /// Why the session failed; `closed` if it did not.
  public var error: TLSError { state.pointee.error }

  /// What ALPN settled on; nil before the handshake's end or if nothing was agreed.
  public var applicationProtocol: ApplicationProtocol? {
    var name: UnsafePointer<UInt8>?
    var length: UInt32 = 0
    SSL_get0_alpn_selected(state.pointee.ssl, &name, &length)
    guard let name else { return nil }
    let view = ByteView(base: name, count: Int(length))
    if view.equals(ApplicationProtocol.http11.name) { return .http11 }
    if view.equals(ApplicationProtocol.http2.name) { return .http2 }
    return nil
  }

  public var version: TLSVersion {
    SSL_version(state.pointee.ssl) >= TLS1_3_VERSION ? .tls13 : .tls12
  }

  /// Whether the handshake resumed an earlier session.
  public var isResumed: Bool { SSL_session_reused(state.pointee.ssl) == 1 }

  /// The name the client asked for, or the client's own peer name. Allocates.
  public var serverName: String? {
    SSL_get_servername(state.pointee.ssl, TLSEXT_NAMETYPE_host_name).map { String(cString: $0) }
  }
}
