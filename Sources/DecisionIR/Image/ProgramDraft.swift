// SPDX-License-Identifier: MIT

/// A program being put together: interns names and constants, collects code and policies, and
/// writes the image. For compilers; a draft is trusted, an image is checked.
public final class ProgramDraft {
  private var strings: [Text] = []
  private var stringIndex: [Text: UInt32] = [:]
  private var types: [UInt32] = []
  private var typeIndex: [Text: UInt32] = [:]
  private var entities: [EntityRecord] = []
  private var entityIndex: [EntityName: UInt32] = [:]
  private var attributes: [UInt32] = []
  private var attributeIndex: [Text: UInt32] = [:]
  private var slots: [UInt32] = []
  private var slotIndex: [Text: UInt32] = [:]
  private var constants: [ConstantRecord] = []
  private var constantIndex: [Datum: UInt32] = [:]
  private var lists: [UInt32] = []
  private var patterns: [RunRecord] = []
  private var shapes: [RunRecord] = []
  private var code: [Instruction] = []
  private var sourceMap: [SpanRecord] = []
  private var conjuncts: [RunRecord] = []
  private var policyConjuncts: [UInt32] = []
  private var policies: [PolicyRecord] = []
  private var metadata: [MetadataRecord] = []
  private var annotations: [AnnotationRecord] = []
  private var actions: [ActionRecord] = []
  private var actionIndex: [ActionScope: UInt32] = [:]
  private var principalKeys = ScopeKeys()
  private var resourceKeys = ScopeKeys()

  public init() {
    _ = action(.any)
  }

  /// The number of policies added so far.
  public var policyCount: Int { policies.count }

  // MARK: names

  func string(_ text: Text) -> UInt32 {
    if let found = stringIndex[text] { return found }
    let id = UInt32(strings.count)
    strings.append(text)
    stringIndex[text] = id
    return id
  }

  /// The symbol of an entity type.
  public func type(_ name: String) -> UInt32 {
    let text = Text(name)
    if let found = typeIndex[text] { return found }
    let id = UInt32(types.count)
    types.append(string(text))
    typeIndex[text] = id
    return id
  }

  /// The number of an entity that policies name.
  public func entity(_ name: EntityName) -> UInt32 {
    if let found = entityIndex[name] { return found }
    let record = EntityRecord(type: type(name.type), id: string(name.id))
    let id = UInt32(entities.count)
    entities.append(record)
    entityIndex[name] = id
    return id
  }

  /// The number of an attribute name.
  public func attribute(_ name: String) -> UInt32 {
    let text = Text(name)
    if let found = attributeIndex[text] { return found }
    let id = UInt32(attributes.count)
    attributes.append(string(text))
    attributeIndex[text] = id
    return id
  }

  /// The slot of a top-level context attribute.
  public func contextSlot(_ name: String) -> UInt32 {
    let text = Text(name)
    if let found = slotIndex[text] { return found }
    let id = UInt32(slots.count)
    slots.append(string(text))
    slotIndex[text] = id
    return id
  }

  // MARK: constants

  /// The number of a constant. Nesting must be bounded by the caller.
  public func constant(_ datum: Datum) -> UInt32 {
    if let found = constantIndex[datum] { return found }
    let record = record(of: datum)
    let id = UInt32(constants.count)
    constants.append(record)
    constantIndex[datum] = id
    return id
  }

  private func record(of datum: Datum) -> ConstantRecord {
    func number(_ kind: ValueKind, _ value: Int64) -> ConstantRecord {
      ConstantRecord(kind: UInt32(kind.rawValue), detail: 0, bits: UInt64(bitPattern: value))
    }
    switch datum {
    case .bool(let flag): return number(.bool, flag ? 1 : 0)
    case .long(let value): return number(.long, value)
    case .decimal(let value): return number(.decimal, value)
    case .datetime(let value): return number(.datetime, value)
    case .duration(let value): return number(.duration, value)
    case .string(let text):
      return ConstantRecord(
        kind: UInt32(ValueKind.string.rawValue), detail: string(text), bits: 0)
    case .entity(let name):
      return ConstantRecord(
        kind: UInt32(ValueKind.entity.rawValue), detail: entity(name), bits: 0)
    case .set(let elements):
      return list(.set, elements.count, elements.map { constant($0) })
    case .record(let fields):
      return list(
        .record, fields.count,
        fields.flatMap { [constant(.string($0.key)), constant($0.value)] })
    case .ip(let range): return address(range)
    }
  }

  private func list(
    _ kind: ValueKind, _ count: Int, _ words: [UInt32]
  ) -> ConstantRecord {
    let start = lists.count
    lists += words
    return ConstantRecord(
      kind: UInt32(kind.rawValue), detail: UInt32(count), bits: UInt64(start))
  }

  private func address(_ range: IPRange) -> ConstantRecord {
    let kind = UInt32(ValueKind.ip.rawValue)
    guard range.isVersion6 else {
      return ConstantRecord(kind: kind, detail: UInt32(range.prefix), bits: range.low)
    }
    let start = lists.count
    for half in [range.high, range.low] {
      lists += [UInt32(half >> 32), UInt32(half & 0xFFFF_FFFF)]
    }
    return ConstantRecord(kind: kind, detail: UInt32(range.prefix) | 0x100, bits: UInt64(start))
  }

  /// The number of a `like` pattern; nil stands for a run of anything.
  public func pattern(_ elements: [String?]) -> UInt32 {
    let start = UInt32(lists.count)
    var count: UInt32 = 0
    var afterWildcard = false
    for element in elements {
      if element == nil, afterWildcard { continue }
      afterWildcard = element == nil
      lists.append(element.map { string(Text($0)) } ?? ImageFormat.absent)
      count += 1
    }
    patterns.append(RunRecord(start: start, count: count))
    return UInt32(patterns.count - 1)
  }

  /// The number of a list of record keys, in the order of the registers that hold the values.
  public func shape(_ keys: [String]) -> UInt32 {
    let words = keys.map { constant(.string(Text($0))) }
    shapes.append(RunRecord(start: UInt32(lists.count), count: UInt32(words.count)))
    lists += words
    return UInt32(shapes.count - 1)
  }

  // MARK: code

  /// Adds the code of one condition and returns its number.
  public func conjunct(
    _ instructions: [Instruction], spans: [(start: UInt32, end: UInt32)]
  ) -> UInt32 {
    precondition(instructions.count == spans.count)
    let start = code.count
    for var instruction in instructions {
      if instruction.target < Instruction.endFalse { instruction.target += UInt32(start) }
      code.append(instruction)
    }
    sourceMap += spans.map { SpanRecord(start: $0.start, end: $0.end) }
    conjuncts.append(RunRecord(start: UInt32(start), count: UInt32(instructions.count)))
    return UInt32(conjuncts.count - 1)
  }

  // MARK: policies

  func action(_ scope: ActionScope) -> UInt32 {
    if let found = actionIndex[scope] { return found }
    var record = ActionRecord(kind: 0, start: UInt32(lists.count), count: 0, reserved: 0)
    switch scope {
    case .any: break
    case .equal(let name):
      let id = entity(name)
      lists.append(id)
      record.kind = 1
      record.count = 1
    case .in(let names):
      let ids = names.map { entity($0) }
      record.start = UInt32(lists.count)
      lists += ids
      record.kind = 2
      record.count = UInt32(ids.count)
    }
    let id = UInt32(actions.count)
    actions.append(record)
    actionIndex[scope] = id
    return id
  }

  private func scope(_ scope: EntityScope) -> (key: ScopeKeyRecord, type: UInt32) {
    let absent = ImageFormat.absent
    switch scope {
    case .any: return (ScopeKeyRecord(kind: 0, id: 0), absent)
    case .is(let name): return (ScopeKeyRecord(kind: 1, id: type(name)), absent)
    case .equal(let name): return (ScopeKeyRecord(kind: 2, id: entity(name)), absent)
    case .in(let name): return (ScopeKeyRecord(kind: 3, id: entity(name)), absent)
    case .isIn(let typeName, let name):
      return (ScopeKeyRecord(kind: 3, id: entity(name)), type(typeName))
    }
  }

  /// Adds a policy; its number is the count of those before it.
  public func add(_ policy: PolicyDraft) {
    let principal = scope(policy.principal)
    let resource = scope(policy.resource)
    policies.append(
      PolicyRecord(
        effect: policy.isForbid ? 1 : 0, conjunctStart: UInt32(policyConjuncts.count),
        conjunctCount: UInt32(policy.conjuncts.count), action: action(policy.action),
        principalKey: principalKeys.number(of: principal.key),
        resourceKey: resourceKeys.number(of: resource.key), principalType: principal.type,
        resourceType: resource.type))
    policyConjuncts += policy.conjuncts
    let start = UInt32(annotations.count)
    for (key, value) in policy.annotations {
      annotations.append(AnnotationRecord(key: string(Text(key)), value: string(Text(value))))
    }
    metadata.append(
      MetadataRecord(
        id: string(Text(policy.id)), file: string(Text(policy.file)), line: policy.line,
        annotationCount: UInt32(policy.annotations.count), annotationStart: start, reserved: 0,
        priority: policy.priority))
  }

  // MARK: writing

  private func lead(of number: Int) -> PolicyLead? {
    let policy = policies[number]
    return PolicyLead { place in
      guard place < policy.conjunctCount else { return nil }
      let run = conjuncts[Int(policyConjuncts[Int(policy.conjunctStart + place)])]
      return run.count == 1 ? code[Int(run.start)] : nil
    }
  }

  /// The image.
  public func image() -> [UInt8] {
    var blob: [UInt8] = []
    var stringRecords: [StringRecord] = []
    for text in strings {
      let bytes = Array(text.string.utf8)
      stringRecords.append(
        StringRecord(offset: UInt32(blob.count), count: UInt32(bytes.count)))
      blob += bytes
    }
    let index = BucketIndex(policies: policies) { lead(of: $0) }
    var writer = ImageWriter()
    writer.add(.strings, stringRecords)
    writer.add(.stringBytes, blob)
    writer.add(.types, types)
    writer.add(.entities, entities)
    writer.add(.attributes, attributes)
    writer.add(.contextSlots, slots)
    writer.add(.constants, constants)
    writer.add(.lists, lists)
    writer.add(.patterns, patterns)
    writer.add(.shapes, shapes)
    writer.add(.code, code)
    writer.add(.conjuncts, conjuncts)
    writer.add(.policies, policies)
    writer.add(.policyConjuncts, policyConjuncts)
    writer.add(.actions, actions)
    writer.add(.principalKeys, principalKeys.records)
    writer.add(.resourceKeys, resourceKeys.records)
    writer.add(.buckets, index.buckets)
    writer.add(.leads, index.leads)
    writer.add(.cases, index.cases)
    writer.add(.postings, index.postings)
    writer.add(.metadata, metadata)
    writer.add(.annotations, annotations)
    writer.add(.sourceMap, sourceMap)
    return writer.finish()
  }
}

/// Dense numbers for scope keys; key 0 is "any".
private struct ScopeKeys {
  var records = [ScopeKeyRecord(kind: 0, id: 0)]
  private var numbers = [ScopeKeyRecord(kind: 0, id: 0): UInt32(0)]

  mutating func number(of key: ScopeKeyRecord) -> UInt32 {
    if let found = numbers[key] { return found }
    let number = UInt32(records.count)
    records.append(key)
    numbers[key] = number
    return number
  }
}
