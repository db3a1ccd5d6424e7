// SPDX-License-Identifier: MIT

public import Bytes

/// What the request path is told about tracing.
public struct TraceSettings: Sendable {
  public var sampler = TraceSampler.standard
  /// Whether spans carry what was asked and answered.
  public var capturesContent = false
  /// Of the messages in, and of those out.
  public var contentBytesMaximum = 16 << 10

  public init() {}
}

/// The spans of all workers on their way out: a ring of records for each, read by the control loop.
public final class SpanCollector: Sendable {
  public let settings: TraceSettings
  private let rings: [LineRing]

  public init(_ settings: TraceSettings, workerCount: Int) {
    self.settings = settings
    rings = (0..<workerCount).map { _ in LineRing() }
  }

  public var workerCount: Int { rings.count }

  /// What worker `index` writes its records to.
  public func ring(worker index: Int) -> LineRing { rings[index] }

  /// Spans that were lost because a ring was full.
  public var droppedSpanCount: Int { rings.reduce(0) { $0 + $1.droppedCount } }

  /// Hands over what the workers have written, by worker. One thread at a time.
  public func read(_ body: (_ worker: Int, _ piece: ByteView) -> Void) {
    for (index, ring) in rings.enumerated() { ring.read { body(index, $0) } }
  }
}
