// SPDX-License-Identifier: MIT

/// Everything one evaluation reads and the scratch it writes; no references to count.
///
/// SAFETY: the cells belong to a program, a store, a request and an evaluator, all held by whoever
/// runs the environment for as long as it runs.
struct Environment: BitwiseCopyable {
  let code: Cells<Step>
  let conjuncts: Cells<ConjunctInfo>
  let constants: Cells<Value>
  let shapes: Cells<RunRecord>
  let shapeKeys: Cells<Value>
  let slotNames: Cells<Value>
  let attributeNames: Cells<Value>
  let patterns: PatternTable
  let views: Cells<EntityView>

  var principal: EntityView
  var action: EntityView
  var resource: EntityView
  /// The context's top-level attributes by slot; `none` where not set.
  var context: Cells<Value>
  /// The whole context as a record, or `none` when it is made from the slots.
  var contextRecord: Value

  /// Rows of a resource table in place of the store's, by entity number: row + 1, 0 for none.
  var overlay: Cells<UInt16>
  var overlayLayout: Cells<UInt16>
  var overlayRows: Cells<Value>
  /// Cells per row.
  var overlayWidth = 0

  let registers: Cells<Value>
  let arena: Cells<Value>
  var arenaUsed = 0
  var fault = Fault.none
  /// The instruction that raised the fault.
  var faultInstruction: UInt32 = 0
  /// The result of code that ends with a value.
  var result = Value.none

  init(_ program: Program, _ store: EntityStore, registers: Cells<Value>, arena: Cells<Value>) {
    code = program.steps.cells
    conjuncts = program.conjuncts.cells
    constants = program.names.constants.cells
    shapes = program.sections.shapes
    shapeKeys = program.names.shapeKeys.cells
    slotNames = program.names.slots.cells
    attributeNames = program.names.attributes.cells
    patterns = program.names.patterns
    views = store.views.cells
    let unknown = EntityView.unknown(id: EntityView.localBase, type: ImageFormat.absent)
    principal = unknown
    action = unknown
    resource = unknown
    context = .empty
    contextRecord = .none
    overlay = .empty
    overlayLayout = .empty
    overlayRows = .empty
    self.registers = registers
    self.arena = arena
  }

  /// What is known of an entity value.
  func view(of entity: Value) -> EntityView {
    let id = entity.entityID
    if id == resource.id { return resource }
    if id == principal.id { return principal }
    if Int(id) < views.count {
      var view = views[Int(id)]
      if Int(id) < overlay.count, overlay[Int(id)] != 0 {
        view.row = overlayRows.slice((Int(overlay[Int(id)]) - 1) * overlayWidth, overlayWidth)
        view.layout = overlayLayout
        view.exists = true
      }
      return view
    }
    if id == action.id { return action }
    return .unknown(id: id, type: entity.entityType)
  }

  /// Fresh arena cells, or empty when the arena is used up (never for checked code).
  mutating func allocate(_ count: Int) -> Cells<Value>? {
    guard arenaUsed + count <= arena.count else { return nil }
    let cells = arena.slice(arenaUsed, count)
    arenaUsed += count
    return cells
  }

  /// The context as a record.
  mutating func wholeContext() -> Value {
    if !contextRecord.isKind(.none) { return contextRecord }
    var count = 0
    for slot in 0..<context.count where !context[slot].isKind(.none) { count += 1 }
    guard let cells = allocate(count * 2) else { return .none }
    var place = 0
    for slot in 0..<context.count where !context[slot].isKind(.none) {
      cells[place] = slotNames[slot]
      cells[place + 1] = context[slot]
      place += 2
    }
    return .record(cells)
  }
}
