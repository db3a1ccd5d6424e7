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
    return list(found)
  }

  @inline(__always)
  private func list(_ slot: CandidateSlot) -> CandidateList {
    let start = Int(slot.start)
    return CandidateList(
      policies: pool.cells.slice(start, Int(slot.count)),
      leads: pool.cells.slice(start &+ Int(slot.count), Int(slot.leadCount)),
      forbidCount: Int(slot.forbidCount))
  }

  /// Room for a list of up to `count` policies and leads.
  func reserve(_ count: Int) -> Cells<UInt32>? {
    guard count <= Self.listMax else { return nil }
    if poolUsed + count > Self.poolMax {
      slots.cells.fill(.empty)
      poolUsed = 0
    }
    return pool.cells.slice(poolUsed, count)
  }

  /// Remembers what stands at the beginning of the room that `reserve` gave.
  func add(_ entry: CandidateSlot) -> CandidateList {
    var entry = entry
    entry.start = UInt32(poolUsed)
    slots.cells[slot(entry.principal, entry.action, entry.resource)] = entry
    poolUsed += Int(entry.count) + Int(entry.leadCount)
    return list(entry)
  }
}

/// An entry of the cache: its list is `count` policies and behind them `leadCount` leads.
struct CandidateSlot: BitwiseCopyable {
  var principal: UInt32
  var action: UInt32
  var resource: UInt32
  var start: UInt32
  var forbidCount: UInt16
  var count: UInt16
  var leadCount: UInt16

  /// What no combination of known entities equals.
  static let empty = CandidateSlot(
    principal: ImageFormat.absent, action: ImageFormat.absent, resource: ImageFormat.absent,
    start: 0, forbidCount: 0, count: 0, leadCount: 0)
}

/// Policies whose scopes match, forbids first, and leads that find more of them.
struct CandidateList: BitwiseCopyable {
  let policies: Cells<UInt32>
  let leads: Cells<UInt32>
  let forbidCount: Int
}
