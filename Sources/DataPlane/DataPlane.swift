// SPDX-License-Identifier: MIT

public import EventLoop
public import Network

/// An address to serve, with certificates for TLS.
public struct DataPlaneListener: Sendable {
  public var address: SocketAddress
  public var certificates: TLSContextSlot?

  public init(address: SocketAddress, certificates: TLSContextSlot? = nil) {
    self.address = address
    self.certificates = certificates
  }
}

/// The workers that serve the LLM API.
///
/// SAFETY: `@unchecked Sendable` because the workers are made in `init` and never change; all else
/// goes through their loops.
public final class DataPlane: @unchecked Sendable {
  let workers: [Worker]
  private let threads: [LoopThread]
  /// The addresses served, in the order given, with the ports the system chose for 0.
  public let addresses: [SocketAddress]

  /// Binds the listeners on every worker and starts the workers' threads.
  ///
  /// - Throws: `LoopError` when an address cannot be bound or a thread not be started.
  public init(
    listeners: [DataPlaneListener], workerCount: Int, shared: SharedState,
    settings: DataPlaneSettings
  ) throws(LoopError) {
    precondition(workerCount > 0 && workerCount <= 255)
    var workers: [Worker] = []
    var bound: [SocketAddress] = []
    for index in 0..<workerCount {
      let worker = try Worker(
        index: index, workerCount: workerCount, shared: shared, settings: settings)
      // The first worker takes the port that the system chooses; the others share it.
      for (position, listener) in listeners.enumerated() {
        if index == 0 { try TCPListener.checkFree(listener.address) }
        let actual = try worker.listen(
          index == 0 ? listener.address : bound[position], listener.certificates)
        if index == 0 { bound.append(actual) }
      }
      workers.append(worker)
    }
    self.workers = workers
    addresses = bound
    var threads: [LoopThread] = []
    for worker in workers {
      threads.append(
        try LoopThread(name: "worker-\(worker.index)") {
          worker.loop.run()
          worker.loop.close()
          worker.destroy()
        })
    }
    self.threads = threads
  }

  /// The workers' loops, for what a simulation looks at when the threads have ended.
  package var loops: [Loop] { workers.map(\.loop) }

  /// Requests that wait for a place; for the same.
  package var waitingCount: Int { workers.reduce(0) { $0 + $1.waitingRequests.count } }

  /// Stops accepting, lets requests in flight end within the drain limit, then ends the threads.
  /// `completion` is called on some worker's thread when all have drained.
  public func drain(_ completion: @escaping @Sendable () -> Void) {
    let gate = DrainGate(count: workers.count, completion)
    for worker in workers {
      worker.loop.execute {
        worker.drain {
          worker.loop.stop()
          gate.pass()
        }
      }
    }
  }

  /// Waits for the threads' end, after `drain`.
  public func join() { for thread in threads { thread.join() } }
}
