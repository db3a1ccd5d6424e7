// SPDX-License-Identifier: MIT

public import Bytes

/// One header field: where its name and value stand, relative to the first byte of the head.
@frozen
public struct HeaderField: Sendable {
  public var nameStart: UInt32
  public var nameCount: UInt16
  public var known: KnownHeader
  /// Bytes of white space between name and colon, which only a response may have and a proxy has to
  /// remove; 255 stands for more.
  public var spaceBeforeColon: UInt8
  /// Without the white space around it.
  public var value: ByteRange

  @inlinable
  public init(nameStart: UInt32, nameCount: UInt16, known: KnownHeader, value: ByteRange) {
    self.nameStart = nameStart
    self.nameCount = nameCount
    self.known = known
    spaceBeforeColon = 0
    self.value = value
  }

  @inlinable
  public var name: ByteRange { ByteRange(start: nameStart, count: UInt32(nameCount)) }
}

/// The header fields of one head, in memory of the caller's (16 bytes a field), in their order.
///
/// The first four elements of that memory are an index: where each known header first occurs. A
/// lookup is a bit test and two loads.
///
/// SAFETY: `storage` holds `capacity + 4` trivially typed elements which the owner keeps alive
/// while the table is in use; every index is compared with `count` (reads) or `capacity` (appends),
/// also in release builds. `positions` has 64 entries and is indexed by raw values of
/// `KnownHeader`, all below 64; an entry is read only where `presentMask` says it has been written.
/// Not to be shared between threads.
@safe
@frozen
public struct HeaderTable: @unchecked Sendable {
  @usableFromInline let fields: UnsafeMutablePointer<HeaderField>
  @usableFromInline let positions: UnsafeMutablePointer<UInt8>
  /// How many fields fit: at most 255.
  public let capacity: Int
  @usableFromInline var used: Int
  @usableFromInline var presentMask: UInt64

  /// How many elements of the storage are not available for fields.
  @inlinable
  public static var overhead: Int { 4 }

  /// - Parameter capacity: the number of elements at `storage`, `overhead` included: 5 to 259.
  /// - Precondition: so many elements are writable while the table is in use.
  @inlinable
  public init(storage: UnsafeMutablePointer<HeaderField>, capacity: Int) {
    precondition(capacity > Self.overhead && capacity <= Self.overhead + 255)
    unsafe fields = storage + Self.overhead
    unsafe positions = UnsafeMutableRawPointer(storage).assumingMemoryBound(to: UInt8.self)
    self.capacity = capacity - Self.overhead
    used = 0
    presentMask = 0
  }

  @inlinable @inline(__always)
  public var count: Int { used }

  @inlinable @inline(__always)
  public subscript(index: Int) -> HeaderField {
    get {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: used))
      return unsafe fields[index]
    }
    nonmutating set {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: used))
      unsafe fields[index] = newValue
    }
  }

  @inlinable @inline(__always)
  public mutating func removeAll() {
    used = 0
    presentMask = 0
  }

  /// Whether there was room.
  @inlinable @inline(__always)
  public mutating func append(_ field: HeaderField) -> Bool {
    guard used < capacity else { return false }
    unsafe fields[used] = field
    if !contains(field.known) {
      unsafe positions[Int(field.known.rawValue)] = UInt8(truncatingIfNeeded: used)
      presentMask |= 1 &<< UInt64(field.known.rawValue)
    }
    used &+= 1
    return true
  }

  /// Whether a field of that name occurs: one test, without a look at the fields.
  @inlinable @inline(__always)
  public func contains(_ header: KnownHeader) -> Bool {
    presentMask & (1 &<< UInt64(header.rawValue)) != 0
  }

  /// The index of the first field of that name.
  @inlinable @inline(__always)
  public func firstIndex(of header: KnownHeader) -> Int? {
    guard contains(header) else { return nil }
    return unsafe Int(positions[Int(header.rawValue)])
  }

  /// The index of the first field of that name at or after `start`.
  @inlinable
  public func firstIndex(of header: KnownHeader, from start: Int) -> Int? {
    guard contains(header) else { return nil }
    var index = max(start, 0)
    while index < used {
      if unsafe fields[index].known == header { return index }
      index &+= 1
    }
    return nil
  }

  /// The value of the first field of that name in `head`, the bytes the table was made from.
  @inlinable @inline(__always)
  public func value(of header: KnownHeader, in head: ByteView) -> ByteView? {
    guard let index = firstIndex(of: header) else { return nil }
    return unsafe head[fields[index].value]
  }

  /// The value of the first field called `lowercase` in `head`, for names without a `KnownHeader`.
  public func value(named lowercase: StaticString, in head: ByteView) -> ByteView? {
    for index in 0..<used {
      let field = unsafe fields[index]
      if Int(field.nameCount) == lowercase.utf8CodeUnitCount,
        head[field.name].equalsIgnoringCase(lowercase)
      {
        return head[field.value]
      }
    }
    return nil
  }
}
