// SPDX-License-Identifier: MIT

internal import Accounts
internal import Bytes
internal import EventLoop
internal import ModelCatalog
internal import Routing

/// A routing decision's id: which worker made it, its number there, and random bits that keep ids
/// from being guessed. In text: `dec_` and 32 hexadecimal digits.
struct DecisionID: Equatable {
  var worker: UInt8 = 0
  var sequence: UInt64 = 0
  var random: UInt64 = 0

  static let textCount = 36

  var high: UInt64 { UInt64(worker) << 56 | (sequence & 0x00ff_ffff_ffff_ffff) }

  func append(to writer: inout ByteWriter) {
    writer.append("dec_")
    let digits = SIMD4<UInt64>(
      Self.digits(UInt32(truncatingIfNeeded: high >> 32)),
      Self.digits(UInt32(truncatingIfNeeded: high)),
      Self.digits(UInt32(truncatingIfNeeded: random >> 32)),
      Self.digits(UInt32(truncatingIfNeeded: random)))
    withUnsafePointer(to: digits) { pointer in
      pointer.withMemoryRebound(to: UInt8.self, capacity: 32) {
        writer.append(ByteView(base: $0, count: 32))
      }
    }
  }

  /// Eight hexadecimal digits at once, a byte each in one word: the nibbles are spread out, and
  /// those above 9 get the distance from `9` to `a` added.
  @inline(__always)
  private static func digits(_ value: UInt32) -> UInt64 {
    var word = UInt64(value)
    word = (word | word << 16) & 0x0000_ffff_0000_ffff
    word = (word | word << 8) & 0x00ff_00ff_00ff_00ff
    word = (word | word << 4) & 0x0f0f_0f0f_0f0f_0f0f
    let isLetter = (word &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
    return (word &+ 0x3030_3030_3030_3030 &+ isLetter &* 0x27).bigEndian
  }

  init() {}

  init(worker: UInt8, sequence: UInt64, random: UInt64) {
    self.worker = worker
    self.sequence = sequence
    self.random = random
  }

  /// Parses what `append` writes; nil for anything else.
  init?(_ text: String) {
    let digits = text.utf8
    guard digits.count == Self.textCount, text.hasPrefix("dec_"),
      let high = UInt64(text.dropFirst(4).prefix(16), radix: 16),
      let low = UInt64(text.dropFirst(20), radix: 16)
    else { return nil }
    self.init(worker: UInt8(high >> 56), sequence: high & 0x00ff_ffff_ffff_ffff, random: low)
  }

  var text: String {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.textCount) { memory in
      var writer = ByteWriter(base: memory.baseAddress!, capacity: Self.textCount)
      append(to: &writer)
      return writer.written.string
    }
  }
}

/// What is kept of one decision, before the candidates and the requested name that follow it.
struct DecisionRow {
  let id: DecisionID
  let leaseVersion: UInt64
  let wallMilliseconds: Int64
  let key: KeyIndex
  let plan: RoutePlan
  let candidateCount: UInt32
  let requestedCount: UInt32
  let nanoseconds: UInt64
  let estimatedInputTokens: Int64
  // Filled in when the answer is out.
  var status: UInt16 = 0
  var attemptCount: UInt16 = 0
  var hedge = HedgeResult.notNeeded
  var durationMicroseconds: UInt64 = 0
  var promptTokens: UInt64 = 0
  var completionTokens: UInt64 = 0
  var cacheReadTokens: UInt64 = 0
  var cacheSaving = Money.zero
  /// What answered, if it said what it used; negative for nothing.
  var servedBy: Int32 = -1
}

/// The last decisions of one worker in a ring of bytes: writing one copies some hundred bytes and
/// allocates nothing; the oldest are overwritten. Read on the worker's loop only.
final class DecisionLog {
  private let bytes: UnsafeMutableRawPointer
  private let capacity: Int
  /// Where each of the last records stands, by its number modulo `slotCount`.
  private let slots: UnsafeMutablePointer<UInt64>
  private let slotMask: UInt64
  private let worker: UInt8
  /// Bytes ever written; the position in the ring is this modulo the capacity.
  private var written: UInt64 = 0
  private var nextSequence: UInt64 = 0

  static let bytesPerRecord = 512

  /// What the ring of so many records takes: of those asked for, and not of their slots, which are
  /// a power of two.
  static func byteCount(recordCount: Int) -> Int {
    max(recordCount * bytesPerRecord, 64 << 10)
  }

  static let requestedBytesMax = 256

  init(worker: Int, recordsMax: Int) {
    self.worker = UInt8(truncatingIfNeeded: worker)
    var slotCount = 16
    while slotCount < min(max(recordsMax, 16), 1 << 20) { slotCount *= 2 }
    slotMask = UInt64(slotCount - 1)
    slots = .allocate(capacity: slotCount)
    slots.initialize(repeating: .max, count: slotCount)
    capacity = Self.byteCount(recordCount: min(recordsMax, slotCount))
    bytes = .allocate(byteCount: capacity, alignment: 16)
  }

  deinit {
    slots.deallocate()
    bytes.deallocate()
  }

  /// Keeps the decision just made by `router` for `client`.
  func record(
    _ client: Client, router: Router, request: RouteRequest, nanoseconds: UInt64, random: UInt64
  ) -> DecisionID {
    let id = DecisionID(worker: worker, sequence: nextSequence, random: random)
    let name = request.requestedModel.prefix(Self.requestedBytesMax)
    let stride = MemoryLayout<CandidateResult>.stride
    let room = capacity / 4 - MemoryLayout<DecisionRow>.stride - Self.requestedBytesMax
    let candidateCount = min(client.pointee.exchange.plan.candidateCount, room / stride)
    let size = MemoryLayout<DecisionRow>.stride + candidateCount * stride + name.count
    let start = reserve((size + 15) & ~15)
    start.initializeMemory(
      as: DecisionRow.self,
      to: DecisionRow(
        id: id, leaseVersion: client.pointee.exchange.lease!.pointee.version,
        wallMilliseconds: request.wallMilliseconds, key: client.pointee.exchange.key,
        plan: client.pointee.exchange.plan, candidateCount: UInt32(candidateCount),
        requestedCount: UInt32(name.count), nanoseconds: nanoseconds,
        estimatedInputTokens: request.estimatedInputTokens))
    let candidates = start + MemoryLayout<DecisionRow>.stride
    for position in 0..<candidateCount {
      candidates.storeBytes(
        of: router.candidate(position), toByteOffset: position * stride, as: CandidateResult.self)
    }
    (candidates + candidateCount * stride).copyMemory(from: name.base, byteCount: name.count)
    nextSequence += 1
    return id
  }

  /// The memory for the next record: whole, so not across the ring's end.
  private func reserve(_ size: Int) -> UnsafeMutableRawPointer {
    let position = Int(written % UInt64(capacity))
    if position + size > capacity { written += UInt64(capacity - position) }
    slots[Int(nextSequence & slotMask)] = written
    let start = bytes + Int(written % UInt64(capacity))
    written += UInt64(size)
    return start
  }

  /// The row of a record that is still there, good until the next record is made.
  func row(_ id: DecisionID) -> UnsafeMutablePointer<DecisionRow>? {
    guard id.sequence < nextSequence, nextSequence - id.sequence <= slotMask + 1 else {
      return nil
    }
    let start = slots[Int(id.sequence & slotMask)]
    guard start != .max, written - start <= UInt64(capacity) else { return nil }
    // SAFETY: `record` stored a row at this place, and nothing has been written over it since.
    let row = (bytes + Int(start % UInt64(capacity))).assumingMemoryBound(to: DecisionRow.self)
    return row.pointee.id == id ? row : nil
  }

  static func candidate(
    _ row: UnsafeMutablePointer<DecisionRow>, _ position: Int
  ) -> CandidateResult {
    UnsafeRawPointer(row + 1).load(
      fromByteOffset: position * MemoryLayout<CandidateResult>.stride, as: CandidateResult.self)
  }

  static func requestedModel(_ row: UnsafeMutablePointer<DecisionRow>) -> ByteView {
    let offset = Int(row.pointee.candidateCount) * MemoryLayout<CandidateResult>.stride
    let start = UnsafeRawPointer(row + 1) + offset
    return ByteView(
      base: start.assumingMemoryBound(to: UInt8.self), count: Int(row.pointee.requestedCount))
  }
}
