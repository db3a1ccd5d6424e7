// SPDX-License-Identifier: MIT

internal import Bytes

/// The request line of a head, and its canonical form.
struct SigV4RequestLine {
  private let method: ByteView
  private let path: ByteView
  private let query: ByteView
  /// Of the line with its CRLF.
  let lineLength: Int

  /// Pairs of a query that are sorted; one with more is not signed.
  static let queryPairsMaximum = 64

  /// Nil when the head does not begin with `METHOD TARGET HTTP/1.1`.
  init?(_ head: ByteView) {
    guard let end = head.firstIndex(of: "\r\n"), let first = head.firstIndex(of: 0x20),
      first > 0, first < end
    else { return nil }
    // The last space: a target made by careless hands may have others.
    var last = end - 1
    while last > first, head[last] != 0x20 { last -= 1 }
    guard last > first + 1 else { return nil }
    method = head[0..<first]
    let target = head[first + 1..<last]
    let mark = target.firstIndex(of: 0x3f) ?? target.count
    path = target[0..<mark]
    query = target.dropFirst(mark + 1)
    lineLength = end + 2
    guard query.isEmpty || pairCount <= Self.queryPairsMaximum else { return nil }
  }

  /// Method, canonical URI and canonical query, each with its line feed.
  func appendCanonical(to writer: inout ByteWriter) {
    writer.append(method)
    writer.append(0x0a)
    appendPath(to: &writer)
    writer.append(0x0a)
    appendQuery(to: &writer)
    writer.append(0x0a)
  }

  // MARK: Path

  /// Segments of dots and empty ones are resolved as RFC 3986 section 5.2.4 and AWS's own signers
  /// do it; what is left is encoded, percent signs and all.
  private func appendPath(to writer: inout ByteWriter) {
    let start = writer.count
    var position = 0
    var endsWithSlash = true
    while position < path.count {
      let end = path.firstIndex(of: 0x2f, from: position) ?? path.count
      let segment = path[position..<end]
      position = end + 1
      endsWithSlash = end < path.count || segment.isEmpty
      if segment.isEmpty || segment.equals(".") { continue }
      if segment.equals("..") {
        // Back over the last segment that was written.
        var length = writer.count
        while length > start, writer.written[length - 1] != 0x2f { length -= 1 }
        writer.truncate(to: max(length - 1, start))
        continue
      }
      writer.append(0x2f)
      appendEncoded(segment, isEncoded: false, to: &writer)
    }
    if writer.count == start || endsWithSlash { writer.append(0x2f) }
  }

  // MARK: Query

  private var pairCount: Int {
    var count = 1
    for index in 0..<query.count where query[index] == 0x26 { count += 1 }
    return count
  }

  /// Pairs in the order of their names, then values; a name without a value gets an empty one.
  private func appendQuery(to writer: inout ByteWriter) {
    guard !query.isEmpty else { return }
    unsafe withUnsafeTemporaryAllocation(of: QueryPair.self, capacity: pairCount) { pairs in
      var count = 0
      var position = 0
      while position <= query.count {
        let end = query.firstIndex(of: 0x26, from: position) ?? query.count
        let pair = QueryPair(query[position..<end])
        position = end + 1
        var place = count
        while unsafe place > 0 && pair.precedes(pairs[place - 1]) {
          unsafe pairs[place] = pairs[place - 1]
          place -= 1
        }
        unsafe pairs[place] = pair
        count += 1
      }
      for index in 0..<count {
        if index > 0 { writer.append(0x26) }
        unsafe appendEncoded(pairs[index].name, isEncoded: true, to: &writer)
        writer.append(0x3d)
        unsafe appendEncoded(pairs[index].value, isEncoded: true, to: &writer)
      }
    }
  }

  /// - Parameter isEncoded: percent signs are those of an encoding that stays.
  private func appendEncoded(
    _ text: ByteView, isEncoded: Bool, to writer: inout ByteWriter
  ) {
    var runStart = 0
    for index in 0..<text.count {
      let byte = text[index]
      if Self.isUnreserved(byte) || (isEncoded && byte == 0x25) { continue }
      writer.append(text[runStart..<index])
      runStart = index + 1
      writer.append(0x25)
      writer.append(Self.upperDigit(byte >> 4))
      writer.append(Self.upperDigit(byte & 15))
    }
    writer.append(text.dropFirst(runStart))
  }

  private static func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f, 0x7e: true
    default: false
    }
  }

  private static func upperDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? value &+ 0x30 : value &+ 0x37
  }
}

/// A name with its value, as they stand in the query.
private struct QueryPair: BitwiseCopyable {
  let name: ByteView
  let value: ByteView

  init(_ text: ByteView) {
    let mark = text.firstIndex(of: 0x3d) ?? text.count
    name = text[0..<mark]
    value = text.dropFirst(mark + 1)
  }

  func precedes(_ other: QueryPair) -> Bool {
    let order = Self.compare(name, other.name)
    return order != 0 ? order < 0 : Self.compare(value, other.value) < 0
  }

  private static func compare(_ left: ByteView, _ right: ByteView) -> Int {
    for index in 0..<min(left.count, right.count) where left[index] != right[index] {
      return Int(left[index]) - Int(right[index])
    }
    return left.count - right.count
  }
}
