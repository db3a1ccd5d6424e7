// SPDX-License-Identifier: MIT

public import JSON

/// What a provider insists on getting back with a tool call, and many clients drop: thoughts with
/// their signatures (Anthropic), signatures of calls (Gemini), thoughts as they are (DeepSeek).
public struct ReplayRecord: Sendable, Equatable {
  /// Larger ones are not kept.
  public static let bytesMaximum = 4 << 20

  /// Whose state it is, by `ProviderWire.name`: no other provider is shown it.
  public var provider: String
  /// The thoughts before the calls, in their order.
  public var thoughts: [ReasoningBlock]
  /// Signatures of calls by their ids.
  public var signatures: [Signature]

  public struct Signature: Sendable, Equatable {
    public var id: String
    public var text: JSONText

    public init(id: String, text: JSONText) {
      self.id = id
      self.text = text
    }
  }

  public init(provider: String, thoughts: [ReasoningBlock] = [], signatures: [Signature] = []) {
    self.provider = provider
    self.thoughts = thoughts
    self.signatures = signatures
  }

  var byteCount: Int {
    thoughts.reduce(128) {
      $0 + $1.text.escaped.count + ($1.signature?.escaped.count ?? 0)
        + ($1.encrypted?.escaped.count ?? 0)
    } + signatures.reduce(0) { $0 + $1.text.escaped.count + $1.id.utf8.count }
  }
}

/// Keeps records by tenant and the first tool call's id, which the collector has found to be of one
/// answer alone, for a bounded time, number and size. The
/// oldest go first. No I/O, no clock, no lock: whoever shares it brings these.
public struct ReplayStore: Sendable {
  private struct Entry {
    var record: ReplayRecord
    var expiryMilliseconds: Int64
    var serial: UInt64
  }

  private struct Key: Hashable {
    var tenant: UInt64
    var id: String
  }

  private let recordsMaximum: Int
  private let bytesMaximum: Int
  private let lifetimeMilliseconds: Int64
  private var entries: [Key: Entry] = [:]
  /// Keys in the order they were kept; those kept anew since have a later serial.
  private var order: [(key: Key, serial: UInt64)] = []
  private var oldest = 0
  private var serial: UInt64 = 0
  public private(set) var byteCount = 0

  public init(
    recordsMaximum: Int = 20_000, bytesMaximum: Int = 64 << 20,
    lifetimeMilliseconds: Int64 = 3_600_000
  ) {
    self.recordsMaximum = recordsMaximum
    self.bytesMaximum = bytesMaximum
    self.lifetimeMilliseconds = lifetimeMilliseconds
  }

  public var count: Int { entries.count }

  /// Keys that are remembered in their order, more than once where they were kept anew.
  var orderCount: Int { order.count }

  /// Keeps `record` under the id of its answer's first call. Where another answer had the same id,
  /// nothing tells any more whose thoughts are wanted: nothing is given then.
  public mutating func keep(
    _ record: ReplayRecord, tenant: UInt64, id: String, nowMilliseconds: Int64
  ) {
    guard record.byteCount <= min(bytesMaximum / 16, ReplayRecord.bytesMaximum) else { return }
    let key = Key(tenant: tenant, id: id)
    var record = record
    if let old = entries[key] {
      byteCount -= old.record.byteCount
      if old.record != record { record = ReplayRecord(provider: record.provider) }
    }
    serial += 1
    entries[key] = Entry(
      record: record, expiryMilliseconds: nowMilliseconds + lifetimeMilliseconds, serial: serial)
    order.append((key, serial))
    byteCount += record.byteCount
    trim(nowMilliseconds)
  }

  /// The record, unless its time is over.
  public func record(tenant: UInt64, id: String, nowMilliseconds: Int64) -> ReplayRecord? {
    guard let entry = entries[Key(tenant: tenant, id: id)],
      nowMilliseconds < entry.expiryMilliseconds
    else { return nil }
    return entry.record
  }

  private mutating func trim(_ nowMilliseconds: Int64) {
    while oldest < order.count {
      let (key, serial) = order[oldest]
      if let entry = entries[key], entry.serial == serial {
        guard
          entries.count > recordsMaximum || byteCount > bytesMaximum
            || entry.expiryMilliseconds <= nowMilliseconds
        else { break }
        byteCount -= entry.record.byteCount
        entries[key] = nil
      }
      oldest += 1
    }
    if oldest > 1_024, oldest > order.count / 2 {
      order.removeFirst(oldest)
      oldest = 0
    }
    // What is kept anew again and again stands behind one that lives.
    if order.count - oldest > 2 * entries.count + 1_024 {
      order.removeFirst(oldest)
      oldest = 0
      order.removeAll { entries[$0.key]?.serial != $0.serial }
    }
  }
}
