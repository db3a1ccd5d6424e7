// SPDX-License-Identifier: MIT

public import Clocks

/// Records the gateway's events into one shard. Each call is some tens of instructions and
/// allocates nothing. Only the shard's own thread may call it.
///
/// Model and deployment arguments are the catalogue's dense indices, in the order given to
/// `MetricSet`.
///
/// SAFETY: both tables belong to the `MetricSet`, are never written after it is made, and it
/// outlives its recorders by contract. Copying a recorder counts no references.
@safe
@frozen
public struct MetricRecorder: @unchecked Sendable {
  @usableFromInline let shard: MetricShard
  @usableFromInline let families: UnsafePointer<MetricFamilies>
  @usableFromInline let statusRows: UnsafePointer<UInt8>

  init(
    shard: MetricShard, families: UnsafePointer<MetricFamilies>,
    statusRows: UnsafePointer<UInt8>
  ) {
    self.shard = shard
    unsafe self.families = families
    unsafe self.statusRows = statusRows
  }

  @inlinable @inline(__always)
  func statusRow(_ status: UInt16) -> Int {
    // Code 0 has the row `other`, so it answers for every code without a place in the table.
    unsafe Int(statusRows[status < 600 ? Int(status) : 0])
  }

  /// Behind the rows of the label are those of the error.
  @inlinable @inline(__always)
  func errorRow(_ status: UInt16) -> Int {
    unsafe Int(statusRows[600 + (status < 600 ? Int(status) : 599)])
  }

  // MARK: - Clients

  @inlinable
  public func clientConnected() {
    unsafe shard.adjust(families.pointee.clientConnections.only, by: 1)
  }

  @inlinable
  public func clientDisconnected() {
    unsafe shard.adjust(families.pointee.clientConnections.only, by: -1)
  }

  @inlinable
  public func requestStarted() {
    unsafe shard.adjust(families.pointee.requestsInFlight.only, by: 1)
  }

  /// - Parameters:
  ///   - status: what the client was sent; 499 where it left before the head was sent.
  ///   - model: the model that served it, nil where none was chosen.
  @inlinable
  public func requestFinished(
    _ operation: Operation, status: UInt16, model: Int?, duration: Interval
  ) {
    let row = unsafe model ?? families.pointee.modelCount
    let statusRow = statusRow(status)
    unsafe shard.add(families.pointee.requests[row, statusRow])
    unsafe shard.observe(
      families.pointee.serverRequestDuration[
        Int(operation.rawValue), row, errorRow(status)], duration.nanoseconds)
    unsafe shard.adjust(families.pointee.requestsInFlight.only, by: -1)
  }

  @inlinable
  public func requestRejected(_ reason: RejectionReason) {
    unsafe shard.add(families.pointee.rejections[Int(reason.rawValue)])
  }

  @inlinable
  public func streamOpened() { unsafe shard.adjust(families.pointee.openStreams.only, by: 1) }

  @inlinable
  public func streamClosed() { unsafe shard.adjust(families.pointee.openStreams.only, by: -1) }

  /// The stream ended early because that side broke it off.
  @inlinable
  public func streamBroken(by side: StreamSide) {
    unsafe shard.add(families.pointee.brokenStreams[Int(side.rawValue)])
  }

  // MARK: - Providers

  @inlinable
  public func upstreamConnected() {
    unsafe shard.adjust(families.pointee.upstreamConnections.only, by: 1)
  }

  @inlinable
  public func upstreamDisconnected() {
    unsafe shard.adjust(families.pointee.upstreamConnections.only, by: -1)
  }

  /// One attempt ended, well or not.
  @inlinable
  public func attemptFinished(
    _ operation: Operation, deployment: Int, model: Int, outcome: AttemptOutcome,
    duration: Interval
  ) {
    unsafe shard.add(families.pointee.attempts[deployment, Int(outcome.rawValue)])
    unsafe shard.observe(
      families.pointee.operationDuration[Int(operation.rawValue), model, Int(outcome.rawValue)],
      duration.nanoseconds)
  }

  /// A second attempt was sent beside the first.
  public func hedgeStarted() { unsafe shard.add(families.pointee.hedgesStarted.only) }

  /// What became of it.
  public func hedgeEnded(_ outcome: HedgeOutcome) {
    unsafe shard.add(families.pointee.hedges[Int(outcome.rawValue)])
  }

  /// A request that affinity had a choice for is over.
  public func affinityEnded(_ key: AffinityKeyLabel, _ result: AffinityResult) {
    unsafe shard.add(families.pointee.affinity[Int(key.rawValue), Int(result.rawValue)])
  }

  /// A request stood in the queue of a limit of concurrency, by its place among the limits.
  public func waitedForPlace(_ row: Int, _ duration: Interval) {
    unsafe shard.observe(families.pointee.concurrencyWait[row], duration.nanoseconds)
  }

  /// The first chunk of a streamed answer came in.
  ///
  /// - Parameters:
  ///   - duration: since the attempt began.
  ///   - requestDuration: since the request's head.
  @inlinable
  public func firstChunk(
    _ operation: Operation, model: Int, after duration: Interval,
    ofRequestAfter requestDuration: Interval
  ) {
    let row = Int(operation.rawValue)
    unsafe shard.observe(families.pointee.timeToFirstChunk[row, model], duration.nanoseconds)
    unsafe shard.observe(
      families.pointee.serverTimeToFirstToken[row, model], requestDuration.nanoseconds)
  }

  /// Where the time between the chunks of a stream is counted: to be asked for once a stream.
  @inlinable
  public func chunkSeries(_ operation: Operation, model: Int) -> HistogramSeries {
    unsafe families.pointee.timePerOutputChunk[Int(operation.rawValue), model]
  }

  /// So many chunks came in together, so long after the one before them.
  @inlinable @inline(__always)
  public func laterChunks(_ series: HistogramSeries, count: Int, after interval: Interval) {
    guard count > 0 else { return }
    shard.observeSmall(series, interval.nanoseconds)
    // Between those that came together was no time.
    if count > 1 { shard.observeZeros(series, Int64(count - 1)) }
  }

  /// A stream has ended well, so long after its first chunk.
  @inlinable
  public func streamFinished(
    _ operation: Operation, model: Int, outputTokens: Int64, after duration: Interval
  ) {
    guard outputTokens > 1 else { return }
    unsafe shard.observe(
      families.pointee.serverTimePerOutputToken[Int(operation.rawValue), model],
      duration.nanoseconds / (outputTokens - 1))
  }

  /// What a provider reported as used. Negative numbers count as none.
  @inlinable
  public func tokensUsed(_ operation: Operation, model: Int, input: Int64, output: Int64) {
    let row = Int(operation.rawValue)
    unsafe shard.observe(families.pointee.tokenUsage[row, model, 0], max(0, input))
    unsafe shard.observe(families.pointee.tokenUsage[row, model, 1], max(0, output))
  }

  /// Parts of what was reported as used. Only what is above zero counts.
  public func tokensUsed(
    _ operation: Operation, model: Int, cacheRead: Int64, cacheWrite: Int64, reasoning: Int64,
    audioInput: Int64, audioOutput: Int64
  ) {
    let row = Int(operation.rawValue)
    unsafe shard.add(
      families.pointee.usedCacheReadTokens[row, model], max(0, cacheRead))
    unsafe shard.add(
      families.pointee.usedCacheWriteTokens[row, model], max(0, cacheWrite))
    unsafe shard.add(
      families.pointee.usedReasoningTokens[row, model], max(0, reasoning))
    unsafe shard.add(families.pointee.usedAudioTokens[row, model, 0], max(0, audioInput))
    unsafe shard.add(families.pointee.usedAudioTokens[row, model, 1], max(0, audioOutput))
  }

  /// What an attempt cost.
  @inlinable
  public func spent(model: Int, picodollars: Int64, isEstimated: Bool) {
    unsafe shard.add(
      families.pointee.cost[model, isEstimated ? 1 : 0], max(0, picodollars))
  }

  // MARK: - Policies

  @inlinable
  public func decided(_ outcome: DecisionOutcome, in duration: Interval) {
    unsafe shard.add(families.pointee.decisions[Int(outcome.rawValue)])
    unsafe shard.observe(families.pointee.decisionDuration.only, duration.nanoseconds)
  }
}

extension MetricRecorder {
  // MARK: - The control loop

  /// 0 closed, 1 half open, 2 open.
  public func circuit(deployment: Int, state: Int64) {
    unsafe shard.set(families.pointee.circuitState[deployment], to: state)
  }

  /// A health probe has ended. `probe` counts as in `MetricSet`.
  public func probed(_ probe: Int, _ result: ProbeResultLabel, in duration: Interval) {
    unsafe shard.add(families.pointee.probes[probe, Int(result.rawValue)])
    unsafe shard.observe(families.pointee.probeDuration[probe], duration.nanoseconds)
  }

  /// 0 healthy, 1 not known yet, 2 unhealthy.
  public func probeState(_ probe: Int, _ state: Int64) {
    unsafe shard.set(families.pointee.probeState[probe], to: state)
  }

  /// A listing has ended. `discovery` counts as in `MetricSet`.
  public func discovered(_ discovery: Int, isSuccess: Bool) {
    unsafe shard.add(families.pointee.discovery.listings[discovery, isSuccess ? 0 : 1])
  }

  public func discoveryChanged(_ discovery: Int, _ change: DiscoveryChangeLabel, _ count: Int) {
    unsafe shard.add(
      families.pointee.discovery.changes[discovery, Int(change.rawValue)], Int64(count))
  }

  /// What there is of a gateway's list now.
  public func discoveredModels(_ discovery: Int, listed: Int, vanished: Int, ignored: Int) {
    unsafe shard.set(families.pointee.discovery.models[discovery, 0], to: Int64(listed))
    unsafe shard.set(families.pointee.discovery.models[discovery, 1], to: Int64(vanished))
    unsafe shard.set(families.pointee.discovery.models[discovery, 2], to: Int64(ignored))
  }

  /// How a limit of concurrency stands, by its place among the limits.
  public func concurrency(
    _ row: Int, limit: Int64, inFlight: Int64, queued: Int64, queueFull: Int64, queueTimeout: Int64
  ) {
    unsafe shard.set(families.pointee.concurrencyLimit[row], to: limit)
    unsafe shard.set(families.pointee.concurrencyInFlight[row], to: inFlight)
    unsafe shard.set(families.pointee.concurrencyQueued[row], to: queued)
    unsafe shard.raise(families.pointee.concurrencyRejected[row, 0], to: queueFull)
    unsafe shard.raise(families.pointee.concurrencyRejected[row, 1], to: queueTimeout)
  }

  /// - Parameter policyCount: policies in the set that runs now.
  public func policiesReloaded(_ result: ReloadResult, policyCount: Int) {
    unsafe shard.add(families.pointee.policyReloads[Int(result.rawValue)])
    unsafe shard.set(families.pointee.policies.only, to: Int64(policyCount))
  }

  /// Shows how many lines the access log has lost so far.
  public func accessLogSampled(droppedLineCount: Int) {
    unsafe shard.raise(families.pointee.accessLogDropped.only, to: Int64(droppedLineCount))
  }

  /// Shows how many spans have been exported so far, and lost for each reason.
  public func spansSampled(exported: Int, dropped: [Int]) {
    unsafe shard.raise(families.pointee.spansExported.only, to: Int64(exported))
    for (row, count) in dropped.enumerated() {
      unsafe shard.raise(families.pointee.spansDropped[row], to: Int64(count))
    }
  }

  /// Shows what `/proc` says about the process; to be called before each rendering.
  public func processSampled(_ sample: ProcessSample) {
    unsafe shard.set(families.pointee.residentMemory.only, to: sample.residentBytes)
    unsafe shard.set(families.pointee.openFiles.only, to: sample.openFileCount)
    unsafe shard.raise(families.pointee.processorTime.only, to: sample.processorNanoseconds)
    unsafe shard.set(families.pointee.startTime.only, to: sample.startNanosecondsSinceEpoch)
  }
}
