// SPDX-License-Identifier: MIT

/// Finds the policies whose scope can match, by the pair (principal key, resource key).
///
/// A key is "any", a type, "equals entity" or "in entity". A principal answers to a few keys (any,
/// its type, itself, each ancestor that policies mention); so does a resource. The policies to look
/// at are those in the buckets of all pairs. Scopes cannot raise errors, so skipping is exact.
struct ScopeIndex: Sendable {
  let principal: KeyLookup
  let resource: KeyLookup
  let view: ScopeIndexView
  private let firstBuckets: Storage<UInt32>
  private let slots: Storage<UInt64>
  private let slotBuckets: Storage<UInt32>

  init(_ sections: Sections) {
    principal = KeyLookup(sections.principalKeys, sections)
    resource = KeyLookup(sections.resourceKeys, sections)
    let buckets = sections.buckets
    var size = 4
    while size < buckets.count * 2 { size *= 2 }
    slots = Storage(repeating: 0, count: size)
    slotBuckets = Storage(repeating: 0, count: size)
    firstBuckets = Storage(repeating: 0, count: sections.principalKeys.count + 1)
    for number in 0..<buckets.count {
      let bucket = buckets[number]
      let key = UInt64(bucket.principalKey) << 32 | UInt64(bucket.resourceKey)
      var slot = Int(Hash.mix(key)) & (size - 1)
      while slots.cells[slot] != 0 { slot = (slot + 1) & (size - 1) }
      slots.cells[slot] = key + 1
      slotBuckets.cells[slot] = UInt32(number)
      firstBuckets.cells[Int(bucket.principalKey) + 1] = UInt32(number + 1)
    }
    for key in 1..<max(1, firstBuckets.cells.count) {
      firstBuckets.cells[key] = max(firstBuckets.cells[key], firstBuckets.cells[key - 1])
    }
    view = ScopeIndexView(
      buckets: buckets, firstBuckets: firstBuckets.cells, slots: slots.cells,
      slotBuckets: slotBuckets.cells, mask: size - 1)
  }
}

/// The tables of a scope index as plain cells; indices come from the index itself, which was
/// checked.
struct ScopeIndexView: BitwiseCopyable, Sendable {
  let buckets: Cells<BucketRecord>
  /// First bucket of each principal key, plus the end.
  let firstBuckets: Cells<UInt32>
  /// Open addressing: (principal key << 32 | resource key) + 1, or 0 when free.
  let slots: Cells<UInt64>
  let slotBuckets: Cells<UInt32>
  let mask: Int

  /// The bucket of a pair of keys, or -1.
  @inline(__always)
  func bucket(_ principalKey: UInt32, _ resourceKey: UInt32) -> Int {
    let key = UInt64(principalKey) << 32 | UInt64(resourceKey)
    var slot = Int(Hash.mix(key)) & mask
    while true {
      let found = slots[unchecked: slot]
      if found == 0 { return -1 }
      if found == key &+ 1 { return Int(slotBuckets[unchecked: slot]) }
      slot = (slot &+ 1) & mask
    }
  }

  /// The buckets of a principal key, ascending by resource key.
  @inline(__always)
  func buckets(of principalKey: UInt32) -> (first: Int, end: Int) {
    let first = Int(firstBuckets[Int(principalKey)])
    return (first, max(first, Int(firstBuckets[Int(principalKey) &+ 1])))
  }
}

/// From types and entities to the keys that policies use.
struct KeyLookup: Sendable {
  /// Key of "is type", by type symbol; absent when no policy asks.
  let ofType: Storage<UInt32>
  /// Key of "equals entity" and "in entity", by entity number.
  let equal: Storage<UInt32>
  let within: Storage<UInt32>
  let count: Int

  init(_ keys: Cells<ScopeKeyRecord>, _ sections: Sections) {
    count = keys.count
    ofType = Storage(repeating: ImageFormat.absent, count: sections.types.count)
    equal = Storage(repeating: ImageFormat.absent, count: sections.entities.count)
    within = Storage(repeating: ImageFormat.absent, count: sections.entities.count)
    for number in 0..<keys.count {
      let key = keys[number]
      switch key.kind {
      case 1: ofType.cells[Int(key.id)] = UInt32(number)
      case 2: equal.cells[Int(key.id)] = UInt32(number)
      case 3: within.cells[Int(key.id)] = UInt32(number)
      default: break
      }
    }
  }

  /// The keys of an entity, ascending; `ancestors` without itself.
  func keys(type: UInt32, id: UInt32, ancestors: [UInt32]) -> [UInt32] {
    var found: [UInt32] = [0]
    func add(_ table: Storage<UInt32>, _ index: UInt32) {
      guard Int(index) < table.cells.count else { return }
      let key = table.cells[Int(index)]
      if key != ImageFormat.absent { found.append(key) }
    }
    add(ofType, type)
    add(equal, id)
    add(within, id)
    for ancestor in ancestors { add(within, ancestor) }
    return found.sorted()
  }
}
