// SPDX-License-Identifier: MIT

internal import Accounts
internal import Bytes
internal import Clocks
internal import EventLoop
internal import HTTPWire
internal import ModelCatalog
internal import Network
internal import Routing
internal import Telemetry

/// One thread of the data plane: a loop, its listeners, its clients and its upstream connections.
/// Nothing here is shared with another worker but what `shared` holds.
///
/// SAFETY: `@unchecked Sendable` because a worker is made on one thread and then used on its loop's
/// thread only; other threads go through `loop.execute`.
final class Worker: @unchecked Sendable {
  let index: Int
  let loop: Loop
  let settings: DataPlaneSettings
  let shared: SharedState
  let snapshots: SnapshotPublisher
  let metrics: MetricRecorder
  let decisions: DecisionLog
  /// Nil where there is no access log.
  let accessLines: AccessLines?
  /// Nil where nothing is traced.
  let tracer: Tracer?
  let tls: TLSWorkspace
  let http2: HTTP2Workspace
  var random = RandomSource()
  private var wallOffsetMilliseconds: Int64 = 0
  private var wallReadMilliseconds = Int64.min / 2
  var retryBudget: RetryBudget
  let circuitSettings: CircuitSettings
  var lease: UnsafeMutablePointer<SnapshotLease>! = nil
  var keptSnapshots: [(version: UInt64, snapshot: RoutingSnapshot)] = []
  static let keptSnapshotsMaximum = 8
  let clientConnectionsMaximum: Int
  /// Buffers that may be lent at a time before new bodies are refused.
  let bodyBytesMaximum: Int
  let responseHeadLimits: HeadLimits

  // Clients.
  var listeners: [TCPListener] = []
  var firstClient: Client?
  var freeClients: Client?
  /// Closed in this turn of the loop; they become free when it is over.
  var closedClients: Client?
  var clientCount = 0
  /// HTTP/2 connections; their streams are clients.
  var firstSession: ClientSession?
  var sessionCount = 0
  /// Request bodies in the middle of being decoded.
  var decodingCount = 0
  var isDraining = false
  var drainTimer: LoopTimer?
  var onDrained: (() -> Void)?
  /// Streams whose clients get signs of life, and when they are looked at next.
  var firstKeptAlive: UnsafeMutablePointer<KeepAlive>?
  /// While all are looked at: the one after the one at hand.
  var nextKeptAlive: UnsafeMutablePointer<KeepAlive>?
  var keepAliveTimer: LoopTimer?
  var keepAliveTickMilliseconds = UInt64.max

  // Upstreams.
  var upstreamReports = UpstreamReports()
  var endpoints: [UnsafeMutablePointer<EndpointPool>] = []
  var freeUpstreams: Upstream?
  /// Their client has its answer; the end of its framing is still to come.
  var finishingUpstreams: Upstream?
  var pendingResolutionCount = 0
  /// Requests that wait for a place at a deployment, and memory for more.
  let waitLines: WaitLines
  var waitingRequests: [Client: UnsafeMutablePointer<WaitingRequest>] = [:]
  var freeWaiting: [UnsafeMutablePointer<WaitingRequest>] = []
  var placeTimer: LoopTimer?
  var isPlaceTurnComing = false
  var clientTLS: TLSContext?
  /// One for each of `shared.credentials`.
  let credentials: UnsafeMutablePointer<WorkerCredential>

  /// An exchange in which nothing has happened.
  let freshExchange: UnsafePointer<Exchange>

  // Scratch memory of the call under way.
  static let fieldCountMax = 128
  static let headScratchCapacity = 160 << 10
  /// Bytes a client may send ahead of the answer it waits for.
  let pipelinedBytesMaximum = 64 << 10
  var requestHeads: RequestHeads
  var responseFields: HeaderTable
  var responseMemo: HeadMemo<ResponseHead>
  private let fieldStorage: UnsafeMutablePointer<HeaderField>
  private let memoStorage: UnsafeMutablePointer<UInt8>
  let headScratch: UnsafeMutablePointer<UInt8>
  let fieldScratch: UnsafeMutablePointer<UInt8>
  let sizeLineScratch: UnsafeMutablePointer<UInt8>
  /// Of which size the line in `sizeLineScratch` speaks, and its length.
  var sizeOfLine = 0
  var sizeLineCount = 0
  /// The literals of a body's edits.
  let patchScratch: UnsafeMutablePointer<UInt8>
  static let patchScratchCapacity = 4096
  /// The stream's head, until its first chunk goes out in the same write.
  var pendingHead = ByteView.empty
  /// The fields of the upstream's head under way that go to the client.
  var passedFields = ByteView.empty
  /// The head being written to a client has an `x-request-id` already.
  var headHasRequestID = false
  /// What passes of the heads in `requestHeads` and `responseFields`.
  var passedRequestFields = PassedFields(capacity: Worker.headScratchCapacity)
  var passedResponseFields = PassedFields(capacity: Worker.headScratchCapacity)
  /// The last head (by the memo's generation) that was found to say nothing to policies.
  var hintlessGeneration = UInt64.max
  /// Who sent the head that was parsed last.
  var authenticated = AuthenticatedHead()

  init(
    index: Int, workerCount: Int, shared: SharedState, settings: DataPlaneSettings
  ) throws(LoopError) {
    self.index = index
    self.shared = shared
    self.settings = settings
    loop = try Loop()
    snapshots = shared.snapshots
    metrics = shared.metrics.recorder(worker: index)
    decisions = DecisionLog(
      worker: index, recordsMax: Int(settings.limits.decisionRecordsMaximum) / workerCount)
    accessLines = shared.accessLog.map {
      AccessLines(
        ring: $0.ring(worker: index), format: shared.accessLogFormat,
        sampleRatio: shared.accessLogSampleRatio)
    }
    tracer = shared.spans.map { Tracer($0, worker: index) }
    tls = TLSWorkspace()
    http2 = HTTP2Workspace()
    retryBudget = RetryBudget(settings.retries, workerCount: workerCount)
    circuitSettings = settings.circuit
    clientConnectionsMaximum = max(1, Int(settings.limits.clientConnectionsMaximum) / workerCount)
    bodyBytesMaximum = Int(settings.limits.requestBodiesBytesMaximum) / workerCount
    responseHeadLimits = HeadLimits(
      headBytesMax: Int(settings.limits.responseHeadBytesMaximum))
    clientTLS = shared.clientTLS
    waitLines = WaitLines(worker: index)
    credentials = Self.makeCredentials(shared.credentials)
    let exchange = UnsafeMutablePointer<Exchange>.allocate(capacity: 1)
    exchange.initialize(to: Exchange())
    freshExchange = UnsafePointer(exchange)
    fieldStorage = .allocate(capacity: 2 * Self.fieldCountMax)
    responseFields = HeaderTable(
      storage: fieldStorage + Self.fieldCountMax, capacity: Self.fieldCountMax)
    memoStorage = .allocate(capacity: 2 * HeadMemo<RequestHead>.bytesMax)
    requestHeads = RequestHeads(
      HeaderTable(storage: fieldStorage, capacity: Self.fieldCountMax),
      HeadMemo(memory: memoStorage, head: RequestHead()),
      HeadLimits(headBytesMax: Int(settings.limits.requestHeadBytesMaximum)))
    responseMemo = HeadMemo(
      memory: memoStorage + HeadMemo<RequestHead>.bytesMax, head: ResponseHead())
    headScratch = .allocate(capacity: Self.headScratchCapacity)
    fieldScratch = .allocate(capacity: Self.headScratchCapacity)
    sizeLineScratch = .allocate(capacity: ChunkedEncoder.sizeLineBytesMax)
    patchScratch = .allocate(capacity: Self.patchScratchCapacity)
    lease = Self.makeLease(snapshots, on: self)
    keep(lease)
    subscribeToCredentials()
    shared.placeWakeUps.subscribe { [weak self] gate in
      guard let worker = self else { return }
      worker.loop.execute { worker.acceptPlace(gate) }
    }
  }

  /// Milliseconds of the clock that circuits run on, the same for all workers.
  @inline(__always)
  var nowMilliseconds: Int64 { Int64(loop.nowMilliseconds) }

  /// Milliseconds since 1970, as exact as the loop's time; set right once a second.
  var wallMilliseconds: Int64 {
    let now = nowMilliseconds
    if now - wallReadMilliseconds >= 1_000 {
      wallReadMilliseconds = now
      wallOffsetMilliseconds = WallClock.system.now().millisecondsSinceEpoch - now
    }
    return now + wallOffsetMilliseconds
  }

  // MARK: Listening

  /// - Throws: `LoopError` when the address cannot be bound.
  func listen(
    _ address: SocketAddress, _ certificates: TLSContextSlot?
  ) throws(LoopError) -> SocketAddress {
    let listener = try TCPListener(
      on: loop, address: address, sharesPort: true, callbacks: Self.clientCallbacks
    ) { [unowned self] socket in accept(socket, certificates) }
    listeners.append(listener)
    return listener.address
  }

  // MARK: Ending

  /// Stops accepting, lets what is in flight end, and then, or after the limit, calls `onDrained`.
  func drain(_ onDrained: @escaping () -> Void) {
    guard !isDraining else { return }
    isDraining = true
    self.onDrained = onDrained
    for listener in listeners { listener.close() }
    listeners = []
    drainTimer = try? LoopTimer(on: loop)
    drainTimer?.start(delayMilliseconds: UInt64(settings.timeouts.drainMilliseconds)) {
      [unowned self] in
      endAllExchanges()
      drainStep()
    }
    var next = firstClient
    while let client = next {
      next = client.pointee.next
      if client.pointee.phase == .idle { closeClient(client) }
    }
    drainSessions()
    drainStep()
  }

  /// The drain's time is over: what is still in flight is told so and ended.
  private func endAllExchanges() {
    var next = firstClient
    while let client = next {
      next = client.pointee.next
      if client.pointee.phase == .exchange {
        endExchangeForDrain(client)
      } else if client.pointee.phase == .tunnel {
        breakTunnel(client)
      } else if client.pointee.phase != .lingering {
        closeClient(client)
      }
    }
    closeSessions()
  }

  func drainStep() {
    guard isDraining, clientCount == 0, sessionCount == 0, pendingResolutionCount == 0,
      let done = onDrained
    else { return }
    onDrained = nil
    drainTimer?.close()
    drainTimer = nil
    closePlaces()
    closeKeepAlive()
    closeIdleUpstreams()
    done()
  }

  /// Frees everything, after the loop has ended.
  func destroy() {
    if lease.pointee.holders == 0 { free(lease) }
    recycleClosedClients()
    while let client = freeClients {
      freeClients = client.pointee.next
      client.deallocate()
    }
    while let upstream = freeUpstreams {
      freeUpstreams = upstream.pointee.next
      upstream.deallocate()
    }
    for endpoint in endpoints {
      endpoint.deinitialize(count: 1)
      endpoint.deallocate()
    }
    freshExchange.deallocate()
    fieldStorage.deallocate()
    memoStorage.deallocate()
    passedRequestFields.deallocate()
    passedResponseFields.deallocate()
    headScratch.deallocate()
    fieldScratch.deallocate()
    sizeLineScratch.deallocate()
    patchScratch.deallocate()
    destroyCredentials()
    destroyPlaces()
    http2.destroy()
    tls.destroy()
  }

  func recycleClosedClients() {
    while let client = closedClients {
      closedClients = client.pointee.next
      client.pointee.next = freeClients
      freeClients = client
    }
  }
}
