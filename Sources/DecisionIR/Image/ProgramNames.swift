// SPDX-License-Identifier: MIT

/// Names and constants of a program as values that point into its image.
struct ProgramNames: Sendable {
  let strings: Storage<Value>
  let types: Storage<Value>
  let attributes: Storage<Value>
  let slots: Storage<Value>
  let constants: Storage<Value>
  /// Keys of the record shapes, each at the place of its list.
  let shapeKeys: Storage<Value>
  let patterns: PatternTable
  private let patternOwner: PatternTable.Owner
  let typeNumbers: [Text: UInt32]
  let attributeNumbers: [Text: UInt32]
  let contextSlots: [Text: Int]
  /// Cells of constant sets, records and IPv6 addresses.
  private let content: Storage<Value>

  init(_ sections: Sections) throws(ImageError) {
    strings = Storage(repeating: .none, count: sections.strings.count)
    let isASCII = Self.isASCII(sections.stringBytes)
    for index in 0..<sections.strings.count {
      let record = sections.strings[index]
      let bytes = sections.stringBytes.slice(Int(record.offset), Int(record.count))
      guard isASCII || Self.isUTF8(bytes) else { throw .damaged("strings") }
      strings.cells[index] = .string(bytes)
    }
    types = Self.resolve(sections.types, strings)
    attributes = Self.resolve(sections.attributes, strings)
    slots = Self.resolve(sections.contextSlots, strings)
    (constants, content) = try Self.constants(sections, strings)
    shapeKeys = Storage(repeating: .none, count: sections.lists.count)
    for number in 0..<sections.shapes.count {
      let run = sections.shapes[number]
      for place in Int(run.start)..<Int(run.start + run.count) {
        shapeKeys.cells[place] = constants.cells[Int(sections.lists[place])]
      }
    }
    patternOwner = PatternTable.build(sections, strings)
    patterns = PatternTable(sections, patternOwner)
    typeNumbers = try Self.numbers(types)
    attributeNumbers = try Self.numbers(attributes)
    contextSlots = try Self.numbers(slots).mapValues { Int($0) }
    guard Self.areUnique(sections.entities, strings.cells) else { throw .damaged("entities") }
  }

  /// Whether no two entities have one name; types are unique already.
  private static func areUnique(_ entities: Cells<EntityRecord>, _ strings: Cells<Value>) -> Bool {
    var size = 4
    while size < entities.count * 2 { size *= 2 }
    let slots = Storage<UInt32>(repeating: 0, count: size)
    for index in 0..<entities.count {
      let entity = entities[index]
      let id = strings[Int(entity.id)]
      var slot = Int(Hash.mix(id.header ^ UInt64(entity.type) &* Hash.multiplier)) & (size - 1)
      while slots.cells[slot] != 0 {
        let other = entities[Int(slots.cells[slot]) - 1]
        if other.type == entity.type, Value.same(strings[Int(other.id)], id) { return false }
        slot = (slot + 1) & (size - 1)
      }
      slots.cells[slot] = UInt32(index + 1)
    }
    return true
  }

  private static func isASCII(_ bytes: Cells<UInt8>) -> Bool {
    var bits: UInt64 = 0
    var index = 0
    while index &+ 8 <= bytes.count {
      bits |= bytes.word(at: index)
      index &+= 8
    }
    while index < bytes.count {
      bits |= UInt64(bytes[index])
      index &+= 1
    }
    return bits & 0x8080_8080_8080_8080 == 0
  }

  private static func isUTF8(_ bytes: Cells<UInt8>) -> Bool {
    let buffer = unsafe UnsafeBufferPointer(start: bytes.base, count: bytes.count)
    return unsafe String(validating: buffer, as: UTF8.self) != nil
  }

  private static func resolve(_ ids: Cells<UInt32>, _ strings: Storage<Value>) -> Storage<Value> {
    let result = Storage<Value>(repeating: .none, count: ids.count)
    for index in 0..<ids.count { result.cells[index] = strings.cells[Int(ids[index])] }
    return result
  }

  private static func numbers(_ names: Storage<Value>) throws(ImageError) -> [Text: UInt32] {
    var result: [Text: UInt32] = [:]
    for index in 0..<names.cells.count {
      let text = Text(names.cells[index].text)
      guard result.updateValue(UInt32(index), forKey: text) == nil else {
        throw .damaged("names")
      }
    }
    return result
  }

  private static func constants(
    _ sections: Sections, _ strings: Storage<Value>
  ) throws(ImageError) -> (Storage<Value>, Storage<Value>) {
    let count = sections.constants.count
    var total = 0
    for index in 0..<count {
      let record = sections.constants[index]
      switch record.kind {
      case UInt32(ValueKind.set.rawValue): total += Int(record.detail)
      case UInt32(ValueKind.record.rawValue): total += Int(record.detail) * 2
      case UInt32(ValueKind.ip.rawValue): total += 1
      default: break
      }
      guard total <= 1 << 26 else { throw .damaged("constants") }
    }
    let values = Storage<Value>(repeating: .none, count: count)
    let content = Storage<Value>(repeating: .none, count: total)
    var builder = ConstantBuilder(
      sections: sections, strings: strings.cells, values: values.cells, content: content.cells)
    for index in 0..<count { try builder.build(index) }
    return (values, content)
  }
}

/// Resolves constants in order; a set or record may name only constants before it.
private struct ConstantBuilder {
  let sections: Sections
  let strings: Cells<Value>
  let values: Cells<Value>
  let content: Cells<Value>
  var used = 0
  var depths: [Int] = []

  mutating func build(_ index: Int) throws(ImageError) {
    let record = sections.constants[index]
    guard record.kind <= UInt32(UInt8.max),
      let kind = ValueKind(rawValue: UInt8(record.kind))
    else { throw .damaged("constants") }
    let number = Int64(bitPattern: record.bits)
    var depth = 0
    switch kind {
    case .none: throw .damaged("constants")
    case .bool:
      guard record.bits <= 1 else { throw .damaged("constants") }
      values[index] = .bool(record.bits == 1)
    case .long: values[index] = .long(number)
    case .decimal: values[index] = .decimal(scaled: number)
    case .datetime: values[index] = .datetime(milliseconds: number)
    case .duration: values[index] = .duration(milliseconds: number)
    case .string:
      guard Int(record.detail) < strings.count else { throw .damaged("constants") }
      values[index] = strings[Int(record.detail)]
    case .entity:
      guard Int(record.detail) < sections.entities.count else { throw .damaged("constants") }
      values[index] = .entity(record.detail, type: sections.entities[Int(record.detail)].type)
    case .set: depth = try buildList(index, record, isRecord: false)
    case .record: depth = try buildList(index, record, isRecord: true)
    case .ip: try buildAddress(index, record)
    }
    guard depth <= ImageFormat.constantDepthMax else { throw .damaged("constants") }
    depths.append(depth)
  }

  private mutating func buildList(
    _ index: Int, _ record: ConstantRecord, isRecord: Bool
  ) throws(ImageError) -> Int {
    let length = Int(record.detail) * (isRecord ? 2 : 1)
    guard record.bits <= UInt64(sections.lists.count),
      Int(record.bits) + length <= sections.lists.count
    else { throw .damaged("constants") }
    let cells = content.slice(used, length)
    used += length
    var depth = 0
    for place in 0..<length {
      let element = Int(sections.lists[Int(record.bits) + place])
      guard element < index else { throw .damaged("constants") }
      cells[place] = values[element]
      depth = max(depth, depths[element])
      if isRecord, place % 2 == 0, !cells[place].isKind(.string) {
        throw .damaged("constants")
      }
    }
    values[index] = isRecord ? .record(cells) : .set(cells)
    return depth + 1
  }

  private mutating func buildAddress(
    _ index: Int, _ record: ConstantRecord
  ) throws(ImageError) {
    let prefix = UInt8(truncatingIfNeeded: record.detail)
    if record.detail & 0x100 == 0 {
      guard record.detail <= 32, record.bits <= 0xFFFF_FFFF else { throw .damaged("constants") }
      values[index] = .ip(v4: UInt32(record.bits), prefix: prefix)
      return
    }
    guard record.detail <= 0x100 + 128, record.bits <= UInt64(sections.lists.count),
      Int(record.bits) + 4 <= sections.lists.count
    else { throw .damaged("constants") }
    let words = (0..<4).map { UInt64(sections.lists[Int(record.bits) + $0]) }
    let halves = content.slice(used, 1).halves
    used += 1
    halves[0] = words[0] << 32 | words[1]
    halves[1] = words[2] << 32 | words[3]
    values[index] = .ip(v6: halves, prefix: prefix)
  }
}

extension Cells where Element == Value {
  /// The two words of the first cell, for an IPv6 address.
  var halves: Cells<UInt64> {
    precondition(count >= 1)
    return unsafe Cells<UInt64>(
      base: UnsafeMutableRawPointer(base).assumingMemoryBound(to: UInt64.self), count: 2)
  }
}
