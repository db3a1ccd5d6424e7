// SPDX-License-Identifier: MIT

/// The context of one request, its top-level attributes set by slot. Reused: `clear()` between
/// requests. Setting allocates nothing; text is borrowed and must live until the decision is made.
///
/// SAFETY: the cells are the frame's own; borrowed text is the caller's promise, as said above.
@safe
public final class ContextFrame {
  /// Most strings all sets of one frame may hold together.
  public static let setElementsMax = 256

  let slots: Storage<Value>
  /// The whole context, when it holds more than what policies read by name.
  var record = Value.none
  private let elements: Storage<Value>
  private var elementsUsed = 0
  private let addresses: Storage<UInt64>

  /// A frame for the contexts of a program.
  public init(program: Program) {
    slots = Storage(repeating: .none, count: program.contextSlotCount)
    elements = Storage(repeating: .none, count: ContextFrame.setElementsMax)
    addresses = Storage(repeating: 0, count: program.contextSlotCount * 2)
  }

  /// Forgets every attribute.
  @inline(__always)
  public func clear() {
    slots.cells.fill(.none)
    record = .none
    elementsUsed = 0
  }

  /// Sets an attribute to a value that outlives its use here.
  @inline(__always)
  public func set(_ slot: ContextSlot, _ value: Value) {
    slots.cells[slot.index] = value
  }

  @inline(__always)
  public func set(_ slot: ContextSlot, long number: Int64) {
    slots.cells[slot.index] = .long(number)
  }

  @inline(__always)
  public func set(_ slot: ContextSlot, bool flag: Bool) {
    slots.cells[slot.index] = .bool(flag)
  }

  /// - Parameter scaled: the value times 10^4.
  @inline(__always)
  public func set(_ slot: ContextSlot, decimalScaled scaled: Int64) {
    slots.cells[slot.index] = .decimal(scaled: scaled)
  }

  /// - Parameter milliseconds: since 1970-01-01T00:00:00Z.
  @inline(__always)
  public func set(_ slot: ContextSlot, datetimeMilliseconds milliseconds: Int64) {
    slots.cells[slot.index] = .datetime(milliseconds: milliseconds)
  }

  /// Sets an attribute to borrowed text, which must be valid UTF-8.
  @inline(__always)
  public func set(_ slot: ContextSlot, base: UnsafePointer<UInt8>, count: Int) {
    unsafe slots.cells[slot.index] = .string(base: base, count: count)
  }

  /// Sets an attribute to an IPv4 address.
  @inline(__always)
  public func set(_ slot: ContextSlot, version4 address: UInt32) {
    slots.cells[slot.index] = .ip(v4: address, prefix: 32)
  }

  /// Sets an attribute to an IPv6 address, given as two halves.
  public func set(_ slot: ContextSlot, version6High high: UInt64, low: UInt64) {
    let halves = addresses.cells.slice(slot.index * 2, 2)
    halves[0] = high
    halves[1] = low
    slots.cells[slot.index] = .ip(v6: halves, prefix: 128)
  }

  /// Sets an attribute to a set of `count` values that `element` makes (borrowed strings, say).
  ///
  /// - Returns: false, with the attribute unset, when the frame's sets would hold too many
  ///   elements.
  @discardableResult
  public func set(_ slot: ContextSlot, setOf count: Int, element: (Int) -> Value) -> Bool {
    guard elementsUsed + count <= ContextFrame.setElementsMax else {
      slots.cells[slot.index] = .none
      return false
    }
    let cells = elements.cells.slice(elementsUsed, count)
    elementsUsed += count
    for index in 0..<count { cells[index] = element(index) }
    slots.cells[slot.index] = .set(cells)
    return true
  }
}
