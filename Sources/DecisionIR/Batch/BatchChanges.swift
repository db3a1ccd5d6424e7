// SPDX-License-Identifier: MIT

/// Which parts of a request changed since a condition was judged last, so that the outcome of one
/// whose inputs did not change is taken over from the request before.
///
/// Each context attribute and the principal has the epoch (number of the decision) in which it last
/// became another. A condition's outcome is current if none of what it reads is younger than it.
/// Conditions that read more than this keeps track of are judged for each request.
struct BatchChanges {
  /// Bits of `reads`: the context attributes 0 to 62, and the principal.
  static let slotsMax = 63
  static let principalBit = 63

  /// Text of at most this many bytes is kept to compare by content.
  private static let textBytesMax = 64

  private let owner: Owner
  /// Per condition what it reads; 0 when that is not kept track of.
  private let reads: Cells<UInt64>
  private let epochs: Cells<UInt32>
  private let values: Cells<Value>
  private let texts: Cells<UInt8>
  private let slotCount: Int

  /// What keeps the cells alive, and the principal of the last decision: while it is held, no other
  /// can be at its place in memory.
  final class Owner {
    let reads: Storage<UInt64>
    let epochs: Storage<UInt32>
    let values: Storage<Value>
    let texts: Storage<UInt8>
    var principal: PreparedPrincipal?

    init(_ plan: BatchPlan) {
      let infos = plan.program.conjuncts.cells
      let liveMask = plan.layout.liveMask
      reads = Storage((0..<infos.count).map { Owner.reads(infos[$0], liveMask) })
      epochs = Storage(repeating: 1, count: 64)
      let slotCount = min(plan.program.contextSlotCount, BatchChanges.slotsMax)
      values = Storage(repeating: .none, count: slotCount)
      texts = Storage(repeating: 0, count: slotCount * BatchChanges.textBytesMax)
    }

    private static func reads(_ info: ConjunctInfo, _ liveMask: UInt64) -> UInt64 {
      guard !info.readsContextWidely, info.attributes & liveMask == 0 else { return 0 }
      let readsPrincipal = info.dependencies & Dependencies.principal != 0
      return info.contextSlots | (readsPrincipal ? 1 << UInt64(BatchChanges.principalBit) : 0)
    }
  }

  init(_ plan: BatchPlan) {
    owner = Owner(plan)
    reads = owner.reads.cells
    epochs = owner.epochs.cells
    values = owner.values.cells
    texts = owner.texts.cells
    slotCount = values.count
  }

  /// Forgets everything: the count of epochs begins anew.
  func reset() {
    epochs.fill(1)
    values.fill(.none)
    owner.principal = nil
  }

  /// Notes what is another in this request than in the one before.
  @inline(__always)
  func note(_ principal: PreparedPrincipal, _ slots: Cells<Value>, epoch: UInt32) {
    if owner.principal !== principal {
      owner.principal = principal
      epochs[unchecked: Self.principalBit] = epoch
    }
    let count = min(slotCount, slots.count)
    var slot = 0
    while slot < count {
      let value = slots[unchecked: slot]
      let old = values[unchecked: slot]
      if value.header != old.header || value.payload != old.payload || !value.isSelfContained {
        if !isSame(value, old, slot) { replace(value, slot, epoch) }
      }
      slot &+= 1
    }
  }

  /// Whether an outcome found in the epoch `evaluated` is that of this request, too.
  @inline(__always)
  func isCurrent(_ conjunct: Int, evaluated: UInt32) -> Bool {
    var rest = reads[unchecked: conjunct]
    guard rest != 0 else { return false }
    repeat {
      if epochs[unchecked: rest.trailingZeroBitCount] > evaluated { return false }
      rest &= rest &- 1
    } while rest != 0
    return true
  }

  /// For values that are not the same to the bit, or whose content is elsewhere.
  @inline(never)
  private func isSame(_ value: Value, _ old: Value, _ slot: Int) -> Bool {
    guard value.header == old.header else { return false }
    if value.isKind(.set) { return value.count == 0 }
    guard value.isKind(.string), value.count <= Self.textBytesMax else { return false }
    let text = value.bytes
    let kept = slot &* Self.textBytesMax
    var index = 0
    while index < text.count {
      if text[index] != texts[kept &+ index] { return false }
      index &+= 1
    }
    return true
  }

  @inline(never)
  private func replace(_ value: Value, _ slot: Int, _ epoch: UInt32) {
    values[slot] = value
    epochs[unchecked: slot] = epoch
    guard value.isKind(.string), value.count <= Self.textBytesMax else { return }
    let text = value.bytes
    for index in 0..<text.count { texts[slot &* Self.textBytesMax &+ index] = text[index] }
  }
}

extension Value {
  /// Whether two values of the kind are the same when their two words are: no content elsewhere,
  /// and no entity, whose number may stand for another one in the next request.
  @inline(__always)
  fileprivate var isSelfContained: Bool {
    switch kind {
    case .none, .bool, .long, .decimal, .datetime, .duration: true
    default: false
    }
  }
}
