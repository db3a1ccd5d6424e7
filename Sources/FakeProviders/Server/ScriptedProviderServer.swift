// SPDX-License-Identifier: MIT

public import EventLoop
internal import Glibc
internal import Synchronization

/// The scripted provider on a real socket, with a loop and a thread of its own.
public final class ScriptedProviderServer: Sendable {
  /// What has happened so far.
  public struct Activity: Sendable, Equatable {
    /// Connections accepted.
    public var connections = 0
    public var openConnections = 0
    /// Requests read whole.
    public var requests = 0
    /// Answers carried out to their last step, faults included.
    public var completed = 0
    /// Answers in progress when the client went away.
    public var abandoned = 0
  }

  private let core: ProviderServerCore
  private let thread: Mutex<pthread_t?>
  /// The port, also when the system was asked to choose one.
  public let port: UInt16

  /// Listens and starts to serve.
  ///
  /// - Parameters:
  ///   - host: a numeric address; the loopback unless others shall reach it.
  ///   - port: 0 to let the system choose.
  ///   - recordedRequestsMaximum: how many of the last requests are kept for ``requests``.
  /// - Throws: `LoopError` when the address cannot be bound.
  public init(
    _ provider: ScriptedProvider, host: String = "127.0.0.1", port: UInt16 = 0,
    bodyBytesMaximum: Int = 128 << 20, recordedRequestsMaximum: Int = 0
  ) throws(LoopError) {
    guard let address = SocketAddress(host: host, port: port) else {
      throw LoopError.invalidArgument
    }
    core = try ProviderServerCore(
      provider, address: address, bodyBytesMaximum: bodyBytesMaximum,
      recordedRequestsMaximum: recordedRequestsMaximum)
    self.port = core.port
    var started = pthread_t()
    let status = pthread_create(
      &started, nil, serverThread, Unmanaged.passRetained(core).toOpaque())
    precondition(status == 0, "the system refuses another thread")
    thread = Mutex(started)
  }

  deinit { stop() }

  /// The base URL that OpenAI clients take: `http://127.0.0.1:PORT/v1`.
  public var baseURL: String { "http://127.0.0.1:\(port)/v1" }

  public var provider: ScriptedProvider { core.provider }

  public var activity: Activity { core.activity.withLock { $0 } }

  /// The last requests, oldest first.
  public var requests: [ReceivedRequest] { core.recorded.withLock { $0 } }

  /// Closes every connection and ends the thread. Calling it again does nothing.
  public func stop() {
    let running = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    guard let running else { return }
    core.loop.execute { [core] in core.closeAll() }
    pthread_join(running, nil)
  }
}

private func serverThread(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  if let argument { Unmanaged<ProviderServerCore>.fromOpaque(argument).takeRetainedValue().run() }
  return nil
}
