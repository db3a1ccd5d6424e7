// SPDX-License-Identifier: MIT

/// Finds the policies of a bucket that begin with `attribute == constant` by the attribute's value.
struct LeadIndex: Sendable {
  let view: LeadIndexView
  private let tables: Storage<LeadTable>
  private let slots: Storage<UInt32>

  /// - Throws: `ImageError` when two cases of a lead have equal constants: the second would never
  ///   be found.
  init(
    leads: Cells<LeadRecord>, cases: Cells<LeadCaseRecord>, constants: Cells<Value>
  ) throws(ImageError) {
    tables = Storage(repeating: LeadTable(start: 0, mask: 0), count: leads.count)
    var total = 0
    for number in 0..<leads.count {
      var size = 4
      while size < Int(leads[number].caseCount) * 2 { size *= 2 }
      tables.cells[number] = LeadTable(start: total, mask: size - 1)
      total += size
    }
    slots = Storage(repeating: 0, count: total)
    view = LeadIndexView(
      leads: leads, cases: cases, constants: constants, tables: tables.cells,
      slots: slots.cells)
    for number in 0..<leads.count {
      let lead = leads[number]
      for place in Int(lead.caseStart)..<Int(lead.caseStart + lead.caseCount) {
        let constant = constants[Int(cases[place].constant)]
        let (slot, found) = view.slot(number, constant)
        guard found == 0 else { throw .damaged("index") }
        slots.cells[slot] = UInt32(place + 1)
      }
    }
  }
}

/// The hash table of one lead: where it begins, and its size less one.
struct LeadTable: BitwiseCopyable, Sendable {
  var start: Int
  var mask: Int
}

/// The tables of a lead index as plain cells; indices come from the image, which was checked.
struct LeadIndexView: BitwiseCopyable, Sendable {
  let leads: Cells<LeadRecord>
  let cases: Cells<LeadCaseRecord>
  let constants: Cells<Value>
  let tables: Cells<LeadTable>
  /// Open addressing: case + 1, or 0 when free.
  let slots: Cells<UInt32>

  /// The slot where the case of a value stands (with that case + 1) or would stand (with 0).
  fileprivate func slot(_ lead: Int, _ value: Value) -> (slot: Int, found: UInt32) {
    let table = tables[lead]
    var slot = Int(Hash.value(value)) & table.mask
    while true {
      let found = slots[table.start &+ slot]
      if found == 0 || Value.same(constants[Int(cases[Int(found) &- 1].constant)], value) {
        return (table.start &+ slot, found)
      }
      slot = (slot &+ 1) & table.mask
    }
  }

  /// The policies whose constant equals the value; nil when there are none.
  func find(_ lead: Int, _ value: Value) -> LeadCaseRecord? {
    let found = slot(lead, value).found
    return found == 0 ? nil : cases[Int(found) &- 1]
  }

  /// The leads of a bucket: they stand behind each other.
  @inline(__always)
  func forEachLead(_ bucket: UInt32, _ first: UInt32, _ body: (Int) -> Void) {
    var lead = Int(first)
    while lead < leads.count, leads[lead].bucket == bucket {
      body(lead)
      lead &+= 1
    }
  }
}
