// SPDX-License-Identifier: MIT

internal import Bytes
public import Clocks
public import EventLoop
internal import Network
public import Telemetry

/// Takes spans out of the workers' rings and sends them to a receiver in batches. Everything
/// happens on the control loop; the workers notice nothing of a receiver that is slow, broken or
/// gone, since their rings drop what they have no room for.
///
/// SAFETY: `@unchecked Sendable` because all state is used on the loop's thread only.
public final class TelemetryExporter: @unchecked Sendable {
  /// How often rings are emptied and pauses looked at.
  static let turnMilliseconds: UInt64 = 100
  /// A receiver that stays away is logged so often.
  static let complaintInterval = Interval.seconds(60)

  private let loop: Loop
  private let client: HTTPClient
  private let timer: LoopTimer
  private let collector: SpanCollector?
  private let traces: OTLPSender?
  private let settings: ExportSettings
  private let metrics: ExportedMetrics
  private let metricsSender: OTLPSender?
  private let logger: Logger
  private let wallClock: WallClock
  private let clock: MonotonicClock
  private var readers: [SpanReader]
  private var metricsDue: Instant
  /// One export of metrics is on its way at a time.
  private var isSendingMetrics = false
  private var queue: ExportQueue<Span>
  private var random = RandomSource()
  private var lastComplaint = Instant.distantPast
  private var isClosed = false

  /// To be called on the loop's thread, or before the loop runs.
  ///
  /// - Throws: `LoopError` when the system refuses a timer or has no libcurl.
  public init(
    on loop: Loop, settings: ExportSettings, spans: SpanCollector?,
    metrics: ExportedMetrics,
    logger: Logger, clock: MonotonicClock = .system, wallClock: WallClock = .system
  ) throws(LoopError) {
    self.loop = loop
    self.settings = settings
    self.metrics = metrics
    self.logger = logger
    self.clock = clock
    self.wallClock = wallClock
    collector = spans
    client = try HTTPClient(on: loop)
    do throws(LoopError) {
      timer = try LoopTimer(on: loop)
    } catch {
      client.close()
      throw error
    }
    readers = (0..<(spans?.workerCount ?? 0)).map { _ in SpanReader() }
    queue = ExportQueue(settings.limits)
    metricsDue = clock.now() + .milliseconds(Int64(settings.metricsIntervalMilliseconds))
    let transport = client
    let sender: (String?, String) -> OTLPSender? = { url, field in
      url.map {
        OTLPSender(
          client: transport, url: $0, settings: settings, rejectedField: field,
          wallClock: wallClock)
      }
    }
    traces = sender(settings.tracesURL, "rejectedSpans")
    metricsSender = sender(settings.metricsURL, "rejectedDataPoints")
  }

  public func start() {
    timer.start(
      delayMilliseconds: Self.turnMilliseconds, repeatMilliseconds: Self.turnMilliseconds
    ) { [unowned self] in turn() }
  }

  /// Sends what is left, as far as the time goes. On the loop; the workers must have ended.
  public func finish(limitMilliseconds: Int) async {
    let end = clock.now() + .milliseconds(Int64(limitMilliseconds))
    collect()
    queue.flush()
    pump()
    count()
    exportMetrics()
    while (queue.pendingCount > 0 || isSendingMetrics) && clock.now() < end {
      try? await Task.sleep(for: .milliseconds(20))
      pump()
    }
    let left = queue.pendingCount
    if left > 0 { logger.warning("spans were not exported", ["count": .integer(left)]) }
    queue.abandon()
  }

  /// Ends what is on its way. On the loop's thread, or after the loop has ended.
  public func close() {
    isClosed = true
    timer.close()
    client.close()
  }

  // MARK: Turns

  private func turn() {
    collect()
    pump()
    count()
    if clock.now() >= metricsDue { exportMetrics() }
  }

  /// Sends all metrics as they stand. Figures are cumulative: what does not arrive is made good by
  /// the next export, so nothing is tried again in between.
  private func exportMetrics() {
    let now = clock.now()
    metricsDue = now + .milliseconds(Int64(settings.metricsIntervalMilliseconds))
    guard let metricsSender, !isSendingMetrics, !isClosed else { return }
    metrics.sample()
    let body = OTLPMetrics.encode(
      metrics.set.registry,
      OTLPMetrics.Window(
        startNanoseconds: UInt64(clamping: metrics.started.nanosecondsSinceEpoch),
        endNanoseconds: UInt64(clamping: wallClock.now().nanosecondsSinceEpoch)),
      origin: settings.origin, as: settings.encoding)
    isSendingMetrics = true
    Task(executorPreference: loop) { [self] in
      let answer = await metricsSender.send(body)
      isSendingMetrics = false
      report(answer, of: "metrics", to: settings.metricsURL)
    }
  }

  private func count() {
    var dropped = ExportDropReason.allCases.map { queue.droppedCount($0) }
    dropped[Int(ExportDropReason.queueFull.rawValue)] += collector?.droppedSpanCount ?? 0
    metrics.set.control.spansSampled(exported: queue.sentCount, dropped: dropped)
  }

  private func collect() {
    guard let collector else { return }
    let now = clock.now()
    let offset = wallClock.now().nanosecondsSinceEpoch - now.nanoseconds
    collector.read { worker, piece in
      readers[worker].read(piece, wallOffsetNanoseconds: offset, rewrite: CapturedContent.rewrite) {
        queue.add($0, at: now)
      }
    }
  }

  private func pump() {
    guard let traces, !isClosed, case .send(let batch) = queue.next(at: clock.now()) else { return }
    let body = OTLPSpans.encode(batch, origin: settings.origin, as: settings.encoding)
    Task(executorPreference: loop) { [self] in
      let answer = await traces.send(body)
      ended(answer)
    }
  }

  private func ended(_ answer: OTLPAnswer) {
    guard !isClosed else { return }
    report(answer, of: "spans", to: settings.tracesURL)
    // The end may have given all up meanwhile.
    guard queue.isSending else { return }
    queue.ended(answer.result, at: clock.now(), random: random.next())
    pump()
  }

  private func report(_ answer: OTLPAnswer, of signal: String, to url: String?) {
    let problem: String
    switch answer.result {
    case .accepted(rejectedCount: 0) where answer.message.isEmpty: return
    case .accepted(let count): problem = "the receiver refused \(count) \(signal) of a batch"
    case .retryable: problem = "\(signal) could not be exported; they are sent again"
    case .refused: problem = "the receiver refused a batch of \(signal)"
    }
    let now = clock.now()
    guard lastComplaint == .distantPast || now - lastComplaint >= Self.complaintInterval else {
      return
    }
    lastComplaint = now
    logger.warning(
      problem, ["url": .string(url ?? ""), "reason": .string(answer.message)])
  }
}
