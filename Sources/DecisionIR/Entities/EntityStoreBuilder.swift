// SPDX-License-Identifier: MIT

/// Collects entities and computes what a store holds.
struct EntityStoreBuilder: EntityNumbering {
  private let program: Program
  private(set) var names: [EntityName] = []
  private(set) var numbers: [EntityName: UInt32] = [:]
  private(set) var typeNames: [String]
  private(set) var typeNumbers: [Text: UInt32]
  private(set) var types: [UInt32] = []
  private var data: [UInt32: EntityData] = [:]
  private var parents: [UInt32: [UInt32]] = [:]
  private var rowStarts: [Int] = []
  private var rowCounts: [Int] = []
  private var tags: [UInt32: Value] = [:]

  init(_ program: Program) {
    self.program = program
    let typeCells = program.names.types.cells
    typeNames = (0..<typeCells.count).map { typeCells[$0].text }
    typeNumbers = program.names.typeNumbers
    let sections = program.sections
    for index in 0..<sections.entities.count {
      let record = sections.entities[index]
      let name = EntityName(
        type: typeNames[Int(record.type)],
        id: program.names.strings.cells[Int(record.id)].text)
      numbers[name] = UInt32(index)
      names.append(name)
      types.append(record.type)
    }
  }

  private mutating func number(_ name: EntityName) -> UInt32 {
    if let found = numbers[name] { return found }
    let id = UInt32(names.count)
    numbers[name] = id
    names.append(name)
    types.append(type(name.type))
    return id
  }

  private mutating func type(_ name: String) -> UInt32 {
    if let found = typeNumbers[Text(name)] { return found }
    let id = UInt32(typeNames.count)
    typeNames.append(name)
    typeNumbers[Text(name)] = id
    return id
  }

  mutating func entity(_ name: EntityName) -> Value {
    let id = number(name)
    return .entity(id, type: types[Int(id)])
  }

  mutating func add(_ entities: [EntityData]) throws(EntityError) {
    for entity in entities {
      let id = number(entity.name)
      if let known = data[id] {
        guard known.attributes == entity.attributes, known.tags == entity.tags,
          Set(known.parents) == Set(entity.parents)
        else { throw .duplicate(entity.name) }
        continue
      }
      data[id] = entity
      parents[id] = entity.parents.map { number($0) }
    }
  }

  /// All ancestors of every entity, ascending. Iterative: hierarchies may be deep.
  mutating func closure() throws(EntityError) -> [[UInt32]] {
    var result = [[UInt32]](repeating: [], count: names.count)
    var state = [UInt8](repeating: 0, count: names.count)
    for root in 0..<UInt32(names.count) where state[Int(root)] == 0 {
      var stack: [(id: UInt32, next: Int)] = [(root, 0)]
      state[Int(root)] = 1
      while let top = stack.last {
        let above = parents[top.id] ?? []
        if top.next < above.count {
          stack[stack.count - 1].next += 1
          let parent = above[top.next]
          if state[Int(parent)] == 1 { throw .cycle(names[Int(parent)]) }
          if state[Int(parent)] == 0 {
            state[Int(parent)] = 1
            stack.append((parent, 0))
          }
          continue
        }
        var all = Set(above)
        for parent in above { all.formUnion(result[Int(parent)]) }
        result[Int(top.id)] = all.sorted()
        state[Int(top.id)] = 2
        stack.removeLast()
      }
    }
    return result
  }

  /// Lays the attributes that policies read out in rows, one layout per type.
  mutating func layOut(_ arena: ValueArena) -> (layouts: Storage<UInt16>, rows: Storage<Value>) {
    let attributeNumbers = program.names.attributeNumbers
    let width = program.sections.attributes.count
    var columns: [[UInt32: Int]] = []
    var rows: [Value] = []
    // Entities named only inside attributes are numbered while values are made, so types may grow.
    for id in data.keys.sorted() {
      guard let entity = data[id] else { continue }
      let type = Int(types[Int(id)])
      while columns.count <= type { columns.append([:]) }
      for name in entity.attributes.keys {
        if let number = attributeNumbers[name], columns[type][number] == nil {
          columns[type][number] = columns[type].count
        }
      }
    }
    rowStarts = [Int](repeating: 0, count: names.count)
    rowCounts = rowStarts
    for id in data.keys.sorted() {
      guard let entity = data[id] else { continue }
      let layout = columns[Int(types[Int(id)])]
      let start = rows.count
      rows += [Value](repeating: .none, count: layout.count)
      for (name, datum) in entity.attributes {
        if let number = attributeNumbers[name], let column = layout[number] {
          rows[start + column] = arena.value(datum, &self)
        }
      }
      rowStarts[Int(id)] = start
      rowCounts[Int(id)] = layout.count
      if !entity.tags.isEmpty { tags[id] = arena.value(.record(entity.tags), &self) }
    }
    while columns.count < typeNames.count { columns.append([:]) }
    let layouts = Storage<UInt16>(repeating: 0, count: typeNames.count * width)
    for (type, layout) in columns.enumerated() {
      for (number, column) in layout {
        layouts.cells[type * width + Int(number)] = UInt16(truncatingIfNeeded: column + 1)
      }
    }
    return (layouts, Storage(rows))
  }

  func views(
    _ layouts: Storage<UInt16>, _ rows: Storage<Value>, _ ancestors: Storage<UInt32>,
    _ closure: [[UInt32]], _ arena: ValueArena
  ) -> Storage<EntityView> {
    let width = program.sections.attributes.count
    let unknown = EntityView.unknown(id: 0, type: 0)
    let views = Storage<EntityView>(repeating: unknown, count: names.count)
    var ancestorStart = 0
    for index in names.indices {
      let id = UInt32(index)
      var view = EntityView.unknown(id: id, type: types[index])
      if index < closure.count {
        view.ancestors = ancestors.cells.slice(ancestorStart, closure[index].count)
        ancestorStart += closure[index].count
      }
      if data[id] != nil {
        view.exists = true
        view.layout = layouts.cells.slice(Int(types[index]) * width, width)
        view.row = rows.cells.slice(rowStarts[index], rowCounts[index])
        view.tags = tags[id] ?? .none
      }
      views.cells[index] = view
    }
    return views
  }
}
