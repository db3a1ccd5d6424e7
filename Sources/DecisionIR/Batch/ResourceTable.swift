// SPDX-License-Identifier: MIT

/// The resources of a plan with their live attributes, one table per thread.
///
/// Setters only note a value; `refresh` judges anew the conditions that look at what changed.
/// Neither allocates.
public final class ResourceTable {
  public let plan: BatchPlan
  let rows: Storage<Value>
  let runner: BatchRunner
  /// Resources for which scope and conditions on the resource alone hold, per plan policy.
  let bits: Storage<UInt64>
  private let liveBits: Storage<UInt64>
  private let dirtyRows: Storage<UInt64>
  private var dirtyAttributes: UInt64
  /// Changes with every refresh that found a live attribute changed: while it stays the same,
  /// policies see the same resources.
  public private(set) var generation: UInt64 = 0

  /// A table whose live attributes are all unset until given.
  public init(plan: BatchPlan) {
    self.plan = plan
    let layout = plan.layout
    rows = Storage((0..<layout.rows.cells.count).map { layout.rows.cells[$0] })
    runner = BatchRunner(
      store: plan.store, layout: layout, rows: rows, action: plan.action)
    bits = Storage((0..<plan.staticBits.cells.count).map { plan.staticBits.cells[$0] })
    liveBits = Storage(repeating: 0, count: plan.liveConjuncts.count * plan.words)
    dirtyRows = Storage(repeating: ~0, count: plan.words)
    dirtyAttributes = ~0
    refresh()
  }

  /// Sets a live attribute of resource `index`, noting whether it changed.
  @inline(__always)
  private func set(_ attribute: LiveAttribute, _ index: Int, _ value: Value) {
    let place = index &* plan.layout.width &+ attribute.column
    let old = rows.cells[place]
    if old.header == value.header, old.payload == value.payload { return }
    rows.cells[place] = value
    dirtyRows.cells[index >> 6] |= 1 << UInt64(index & 63)
    dirtyAttributes |= 1 << UInt64(attribute.number & 63)
  }

  /// Sets a live long, such as `average_latency_ms`.
  public func set(_ attribute: LiveAttribute, of index: Int, long: Int64) {
    set(attribute, index, .long(long))
  }

  /// Sets a live decimal, such as `current_error_rate`; `scaled` is the value times 10^4.
  public func set(_ attribute: LiveAttribute, of index: Int, decimalScaled scaled: Int64) {
    set(attribute, index, .decimal(scaled: scaled))
  }

  /// Sets a live string, such as `circuit`, to text that lives as long as the program.
  public func set(_ attribute: LiveAttribute, of index: Int, text: StaticString) {
    guard text.hasPointerRepresentation else { return }
    set(attribute, index, unsafe .string(base: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// Sets a live bool.
  public func set(_ attribute: LiveAttribute, of index: Int, bool: Bool) {
    set(attribute, index, .bool(bool))
  }

  /// Unsets a live attribute: reading it is an error, as for any attribute that is not there.
  public func unset(_ attribute: LiveAttribute, of index: Int) {
    set(attribute, index, .none)
  }

  /// Judges the conditions on live attributes that changed since the last refresh.
  public func refresh() {
    guard dirtyAttributes != 0 else { return }
    generation &+= 1
    let words = plan.words
    for (place, conjunct) in plan.liveConjuncts.enumerated() {
      let info = plan.program.conjuncts.cells[Int(conjunct)]
      guard info.attributes & dirtyAttributes != 0 else { continue }
      for word in 0..<words {
        // A resource may be reached from any other: `resource.fallback.current_error_rate`.
        var rest = info.readsOthers ? ~0 : dirtyRows.cells[word]
        while rest != 0 {
          let bit = rest.trailingZeroBitCount
          rest &= rest &- 1
          let index = word &* 64 &+ bit
          guard index < plan.resources.count else { break }
          let holds: UInt64 = runner.holds(conjunct, resource: index) ? 1 : 0
          let cell = place &* words &+ word
          liveBits.cells[cell] =
            liveBits.cells[cell] & ~(1 << UInt64(bit)) | holds << UInt64(bit)
        }
      }
    }
    combine()
    dirtyRows.cells.fill(0)
    dirtyAttributes = 0
  }

  private func combine() {
    let words = plan.words
    for number in 0..<plan.policies.cells.count {
      let policy = plan.policies.cells[number]
      guard policy.principal > policy.live else { continue }
      for word in 0..<words {
        var combined = plan.staticBits.cells[number &* words &+ word]
        for run in Int(policy.live)..<Int(policy.principal) {
          let place = Int(plan.livePlaces.cells[Int(plan.conjuncts.cells[run])])
          combined &= liveBits.cells[place &* words &+ word]
        }
        bits.cells[number &* words &+ word] = combined
      }
    }
  }
}
