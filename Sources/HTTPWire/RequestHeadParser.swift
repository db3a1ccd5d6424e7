// SPDX-License-Identifier: MIT

public import Bytes

/// Parses request heads strictly by RFC 9112: what two servers could read in two ways is an error.
///
/// One parser per connection, 8 bytes. It is given everything received since the end of the last
/// message, from the same first byte each time, until the answer is not `needMore`; then it is
/// ready for the next head. A head that arrives in many pieces is parsed at most twice (on the
/// first piece, to refuse garbage early, and when its empty line has come), so the work is linear
/// in its length. The table may be shared by all connections of a thread: it is filled from scratch
/// by each attempt.
@frozen
public struct RequestHeadParser: Sendable {
  @usableFromInline var progress = HeadProgress()

  @inlinable
  public init() {}

  /// Forgets a head of which only a part has arrived.
  @inlinable
  public mutating func reset() { progress = HeadProgress() }

  /// Parses the head at the start of `bytes`.
  public mutating func parse(
    _ bytes: ByteView, limits: HeadLimits, table: inout HeaderTable
  ) -> RequestHeadResult {
    parse(bytes, limits: limits, table: &table, known: .empty, knownCount: 0)
  }

  /// As `parse(_:limits:table:)`, helped by what was parsed into the table last.
  ///
  /// - Parameters:
  ///   - limits: the same each time.
  ///   - memo: the table's.
  public mutating func parse(
    _ bytes: ByteView, limits: HeadLimits, table: inout HeaderTable,
    memo: inout HeadMemo<RequestHead>
  ) -> RequestHeadResult {
    if let head = memo.head(of: bytes, table) {
      progress = HeadProgress()
      return .complete(head)
    }
    let result = parse(
      bytes, limits: limits, table: &table, known: memo.bytes,
      knownCount: Int(memo.head.fieldCount))
    if case .complete(let head) = result {
      memo.remember(bytes.prefix(Int(head.length)), head)
    } else {
      memo.forget()
    }
    return result
  }

  /// - Parameters:
  ///   - known: the head whose fields are in the table; empty for none.
  ///   - knownCount: how many they are.
  @inline(__always)
  private mutating func parse(
    _ bytes: ByteView, limits: HeadLimits, table: inout HeaderTable, known: ByteView,
    knownCount: Int
  ) -> RequestHeadResult {
    let sizeMax = min(limits.headBytesMax, Int(UInt32.max))
    guard progress.isWorthParsing(bytes, sizeMax: sizeMax) else { return .needMore }
    let window = bytes.prefix(sizeMax)
    var scan = RequestScan(bytes: window, targetBytesMax: limits.targetBytesMax)
    let fields = HeadScanner(
      bytes: window, isRequest: true, known: known, knownCount: knownCount)
    do throws(ScanStop) {
      try scan.parse(fields, into: &table, emptyLinesMax: limits.leadingEmptyLinesMax)
      progress = HeadProgress()
      return .complete(scan.head)
    } catch {
      let failure = progress.stopped(error, bytes, sizeMax: sizeMax)
      return failure.map { .failure($0) } ?? .needMore
    }
  }
}
