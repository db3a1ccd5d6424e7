// SPDX-License-Identifier: MIT

/// Remembers which policies' scopes match a principal, an action and a resource, so that an
/// evaluator looks them up once. Scopes and hierarchy decide that, nothing else: the conditions
/// are run each time. The store never changes, so entries never age.
///
/// SAFETY: the cells are the cache's own; who uses a list does so before the next is added.
@safe
final class CandidateCache {
  /// Combinations remembered; a later one takes the place of an earlier one.
  static let slotCount = 4096
  /// Policies in all lists together; when it is full the cache begins anew.
  static let poolMax = 1 << 17
  /// Longer lists are searched anew each time.
  static let listMax = 1 << 12

  private let slots = Storage<CandidateSlot>(repeating: .empty, count: CandidateCache.slotCount)
  private let pool = Storage<UInt32>(repeating: 0, count: CandidateCache.poolMax)
  private var poolUsed = 0

  @inline(__always)
  private func slot(_ principal: UInt32, _ action: UInt32, _ resource: UInt32) -> Int {
    let pair = UInt64(principal) << 32 | UInt64(resource)
    return Int(Hash.mix(pair ^ UInt64(action) &* Hash.multiplier)) & (Self.slotCount &- 1)
  }

  /// The list of a combination, or nil.
  @inline(__always)
  func find(_ principal: UInt32, _ action: UInt32, _ resource: UInt32) -> CandidateList? {
    let found = slots.cells[unchecked: slot(principal, action, resource)]
    guard found.principal == principal, found.resource == resource, found.action == action else {
      return nil
    }
    return CandidateList(
      policies: pool.cells.slice(Int(found.start), Int(found.count)),
      forbidCount: Int(found.forbidCount))
  }

  /// Room for a list of up to `count` policies.
  func reserve(_ count: Int) -> Cells<UInt32>? {
    guard count <= Self.listMax else { return nil }
    if poolUsed + count > Self.poolMax {
      slots.cells.fill(.empty)
      poolUsed = 0
    }
    return pool.cells.slice(poolUsed, count)
  }

  /// Remembers the first `count` policies of what `reserve` gave.
  func add(
    _ principal: UInt32, _ action: UInt32, _ resource: UInt32, forbidCount: Int, count: Int
  ) -> CandidateList {
    let slot = CandidateSlot(
      principal: principal, action: action, resource: resource, start: UInt32(poolUsed),
      forbidCount: UInt32(forbidCount), count: UInt32(count))
    slots.cells[self.slot(principal, action, resource)] = slot
    let list = CandidateList(
      policies: pool.cells.slice(poolUsed, count), forbidCount: forbidCount)
    poolUsed += count
    return list
  }
}

/// An entry of the cache.
struct CandidateSlot: BitwiseCopyable {
  var principal: UInt32
  var action: UInt32
  var resource: UInt32
  var start: UInt32
  var forbidCount: UInt32
  var count: UInt32

  /// What no combination of known entities equals.
  static let empty = CandidateSlot(
    principal: ImageFormat.absent, action: ImageFormat.absent, resource: ImageFormat.absent,
    start: 0, forbidCount: 0, count: 0)
}

/// Policies whose scopes match: forbids first.
struct CandidateList: BitwiseCopyable {
  let policies: Cells<UInt32>
  let forbidCount: Int
}
