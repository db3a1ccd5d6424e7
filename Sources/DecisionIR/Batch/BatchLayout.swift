// SPDX-License-Identifier: MIT

/// The attributes of the resources of a plan as rows over common columns.
struct BatchLayout: Sendable {
  /// Attribute number → column + 1.
  let columns: Storage<UInt16>
  let width: Int
  /// Static attributes; live ones are `none`.
  let rows: Storage<Value>
  /// Row + 1 by entity number.
  let overlay: Storage<UInt16>
  /// Entities of the rows; their `row` and `layout` are the store's.
  let views: Storage<EntityView>
  let liveNumbers: Set<UInt32>
  /// The live attribute numbers folded to 64 bits, as `ConjunctInfo.attributes`.
  let liveMask: UInt64

  init(store: EntityStore, resources: [EntityName], liveAttributes: [String]) {
    let program = store.program
    let attributeCount = program.sections.attributes.count
    views = Self.views(store, resources)
    let live = liveAttributes.compactMap { program.names.attributeNumbers[Text($0)] }
    liveNumbers = Set(live)
    liveMask = live.reduce(0) { $0 | 1 << UInt64($1 & 63) }
    columns = Storage(repeating: 0, count: attributeCount)
    var width = 0
    let cells = views.cells
    let liveSet = liveNumbers
    for number in 0..<attributeCount {
      let used =
        liveSet.contains(UInt32(number))
        || (0..<resources.count).contains { !cells[$0].attribute(number).isKind(.none) }
      guard used else { continue }
      width += 1
      columns.cells[number] = UInt16(width)
    }
    self.width = width
    rows = Storage(repeating: .none, count: width * resources.count)
    overlay = Storage(repeating: 0, count: store.count)
    for index in resources.indices {
      let view = views.cells[index]
      for number in 0..<attributeCount {
        let column = Int(columns.cells[number])
        if column > 0, !liveNumbers.contains(UInt32(number)) {
          rows.cells[index * width + column - 1] = view.attribute(number)
        }
      }
      if Int(view.id) < overlay.cells.count { overlay.cells[Int(view.id)] = UInt16(index + 1) }
    }
  }

  private static func views(
    _ store: EntityStore, _ resources: [EntityName]
  ) -> Storage<EntityView> {
    // Behind the numbers of a request's principal and action.
    let firstUnknown = EntityView.localBase + 2
    var views: [EntityView] = []
    for (index, name) in resources.enumerated() {
      let unknown = EntityView.unknown(
        id: firstUnknown + UInt32(index), type: store.type(name.type))
      var view = store.view(of: name) ?? unknown
      view.exists = true
      views.append(view)
    }
    return Storage(views)
  }
}
