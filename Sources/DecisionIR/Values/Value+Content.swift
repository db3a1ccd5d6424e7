// SPDX-License-Identifier: MIT

/// SAFETY: the only place where a payload becomes an address again. A value of kind string, set,
/// record or IPv6 is made only by the functions here, from memory whose owner promises to outlive
/// the value (program, store, frame, arena); counts are taken from the header set together with it.
extension Value {
  /// A string over borrowed bytes, which must be valid UTF-8.
  @inlinable @inline(__always)
  public static func string(base: UnsafePointer<UInt8>, count: Int) -> Value {
    unsafe borrowing(base, count)
  }

  @inlinable
  static func borrowing(_ base: UnsafePointer<UInt8>, _ count: Int) -> Value {
    let hash = unsafe Hash.bytes(base, count)
    let header =
      UInt64(ValueKind.string.rawValue) | UInt64(hash) << 8
      | UInt64(UInt32(truncatingIfNeeded: count)) << 32
    return Value(header: header, payload: UInt64(UInt(bitPattern: base)))
  }

  static func string(_ bytes: Cells<UInt8>) -> Value {
    unsafe borrowing(UnsafePointer(bytes.base), bytes.count)
  }

  /// The bytes of a string; empty for every other kind.
  var bytes: Cells<UInt8> {
    guard isKind(.string), count > 0 else { return .empty }
    return unsafe Cells(
      base: UnsafeMutablePointer(bitPattern: UInt(payload)).unsafelyUnwrapped, count: count)
  }

  /// The text of a string; empty for every other kind. Allocates.
  public var text: String {
    let bytes = self.bytes
    return unsafe String(
      decoding: UnsafeBufferPointer(start: bytes.base, count: bytes.count), as: UTF8.self)
  }

  /// The elements of a set in canonical order; empty for every other kind.
  @inline(__always)
  var elements: Cells<Value> {
    guard isKind(.set), count > 0 else { return .empty }
    return unsafe Cells(
      base: UnsafeMutablePointer(bitPattern: UInt(payload)).unsafelyUnwrapped, count: count)
  }

  /// The fields of a record as key, value, key, value … in canonical key order.
  @inline(__always)
  var fields: Cells<Value> {
    guard isKind(.record), count > 0 else { return .empty }
    return unsafe Cells(
      base: UnsafeMutablePointer(bitPattern: UInt(payload)).unsafelyUnwrapped, count: count * 2)
  }

  /// A set over `cells`, which are sorted and freed of duplicates in place.
  static func set(_ cells: Cells<Value>) -> Value {
    CanonicalSort.sort(cells, stride: 1)
    var kept = 0
    var hash: UInt32 = 0
    var index = 0
    var holdsOthers = false
    while index < cells.count {
      let element = cells[index]
      if !element.isKind(.entity) { holdsOthers = true }
      if kept == 0 || !Value.same(cells[kept &- 1], element) {
        cells[kept] = element
        kept &+= 1
        hash = hash &+ Hash.value(element)
      }
      index &+= 1
    }
    let header = aggregate(.set, hash, kept) & ~entitiesBit | (holdsOthers ? 0 : entitiesBit)
    return unsafe Value(header: header, payload: UInt64(UInt(bitPattern: cells.base)))
  }

  /// One of the hash bits of a set says whether it holds entities only: equal sets agree in it.
  private static let entitiesBit: UInt64 = 1 << 31

  /// Whether a set has no element that is not an entity.
  var holdsOnlyEntities: Bool { header & Value.entitiesBit != 0 }

  /// A record over `cells` (key, value, key, value …; keys unique), which are sorted in place.
  static func record(_ cells: Cells<Value>) -> Value {
    CanonicalSort.sort(cells, stride: 2)
    var hash: UInt32 = 0
    var index = 0
    while index &+ 1 < cells.count {
      let pair = UInt64(Hash.value(cells[index])) << 32 | UInt64(Hash.value(cells[index &+ 1]))
      hash = hash &+ Hash.mix(pair)
      index &+= 2
    }
    return unsafe Value(
      header: aggregate(.record, hash, cells.count / 2),
      payload: UInt64(UInt(bitPattern: cells.base)))
  }

  private static func aggregate(_ kind: ValueKind, _ hash: UInt32, _ count: Int) -> UInt64 {
    UInt64(kind.rawValue) | UInt64(Hash.mix(UInt64(hash)) & 0xFF_FFFF) << 8
      | UInt64(UInt32(truncatingIfNeeded: count)) << 32
  }

  /// The value of a record's field, or `none`.
  func field(_ key: Value) -> Value {
    let fields = self.fields
    var index = 0
    while index &+ 1 < fields.count {
      let candidate = fields[index]
      if candidate.header == key.header && Value.same(candidate, key) { return fields[index &+ 1] }
      index &+= 2
    }
    return .none
  }

  /// An IPv4 range.
  static func ip(v4 address: UInt32, prefix: UInt8) -> Value {
    Value(
      header: UInt64(ValueKind.ip.rawValue) | UInt64(prefix) << 32, payload: UInt64(address))
  }

  /// An IPv6 range over two borrowed cells (high half, low half).
  static func ip(v6 halves: Cells<UInt64>, prefix: UInt8) -> Value {
    let hash = Hash.mix(halves[0] ^ (halves[1] &* 0x9E37_79B9_7F4A_7C15)) & 0xFF_FFFF
    let header =
      UInt64(ValueKind.ip.rawValue) | UInt64(hash) << 8 | (UInt64(prefix) | 0x100) << 32
    return unsafe Value(header: header, payload: UInt64(UInt(bitPattern: halves.base)))
  }

  /// A range; an IPv6 one is kept in one cell.
  static func ip(_ range: IPRange, _ cells: Cells<Value>) -> Value {
    guard range.isVersion6 else {
      return .ip(v4: UInt32(truncatingIfNeeded: range.low), prefix: range.prefix)
    }
    let halves = cells.halves
    halves[0] = range.high
    halves[1] = range.low
    return .ip(v6: halves, prefix: range.prefix)
  }

  /// The range of an ip value.
  var range: IPRange {
    let prefix = UInt8(truncatingIfNeeded: header >> 32)
    guard isVersion6 else {
      return IPRange(high: 0, low: payload, prefix: prefix, isVersion6: false)
    }
    let halves = unsafe UnsafePointer<UInt64>(bitPattern: UInt(payload)).unsafelyUnwrapped
    return unsafe IPRange(high: halves[0], low: halves[1], prefix: prefix, isVersion6: true)
  }

  var isVersion6: Bool { header >> 40 & 1 != 0 }
}
