// SPDX-License-Identifier: MIT

/// Runs conditions over the rows of a plan or of a table.
@safe
final class BatchRunner {
  /// The environment, in memory of its own so that running needs no access check.
  private let memory: UnsafeMutablePointer<Environment>
  private let registers: Storage<Value>
  private let arena: Storage<Value>
  private let emptyContext: Storage<Value>
  /// The resources with their rows.
  let views: Storage<EntityView>
  private let layout: BatchLayout
  private let rows: Storage<Value>
  private let store: EntityStore

  init(store: EntityStore, layout: BatchLayout, rows: Storage<Value>, action: EntityView) {
    self.store = store
    self.layout = layout
    self.rows = rows
    let program = store.program
    registers = Storage(repeating: .none, count: program.registersMax)
    arena = Storage(repeating: .none, count: program.arenaCellsMax)
    emptyContext = Storage(repeating: .none, count: program.contextSlotCount)
    views = Storage((0..<layout.views.cells.count).map { layout.views.cells[$0] })
    for index in 0..<views.cells.count {
      var view = views.cells[index]
      view.layout = layout.columns.cells
      view.row = rows.cells.slice(index * layout.width, layout.width)
      views.cells[index] = view
    }
    var environment = Environment(
      program, store, registers: registers.cells, arena: arena.cells)
    environment.action = action
    environment.context = emptyContext.cells
    environment.overlay = layout.overlay.cells
    environment.overlayLayout = layout.columns.cells
    environment.overlayRows = rows.cells
    environment.overlayWidth = layout.width
    unsafe memory = .allocate(capacity: 1)
    unsafe memory.initialize(to: environment)
  }

  deinit {
    unsafe memory.deallocate()
  }

  /// Sets what conditions without the resource look at.
  @inline(__always)
  func begin(principal: EntityView, context: ContextFrame?) {
    unsafe memory.pointee.principal = principal
    if let context {
      unsafe memory.pointee.context = context.slots.cells
      unsafe memory.pointee.contextRecord = context.record
    } else {
      unsafe memory.pointee.context = emptyContext.cells
      unsafe memory.pointee.contextRecord = .none
    }
  }

  /// The outcome of a condition that does not look at the resource.
  @inline(__always)
  func run(_ conjunct: Int) -> Outcome {
    unsafe memory.pointee.run(conjunct)
  }

  /// The outcome of a condition for a resource.
  @inline(__always)
  func run(_ conjunct: Int, resource index: Int) -> Outcome {
    unsafe memory.pointee.resource = views.cells[index]
    return unsafe memory.pointee.run(conjunct)
  }

  func holds(_ conjunct: UInt32) -> Bool { run(Int(conjunct)) == .isTrue }

  func holds(_ conjunct: UInt32, resource index: Int) -> Bool {
    run(Int(conjunct), resource: index) == .isTrue
  }

  /// The fault of the last failed run.
  var fault: Fault { unsafe memory.pointee.fault }
}
