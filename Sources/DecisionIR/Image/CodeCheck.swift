// SPDX-License-Identifier: MIT

/// What is known of a condition after its code was checked.
struct ConjunctInfo: BitwiseCopyable, Sendable {
  var start: UInt32
  var registers: UInt32
  /// Most cells of run-time sets and records that one run can need.
  var arenaCells: UInt32
  /// Bits of `Dependencies`.
  var dependencies: UInt32
  /// The attribute numbers read, folded to 64 bits.
  var attributes: UInt64
  /// The context attributes read by name, as bits.
  var contextSlots: UInt64 = 0
  /// It reads the context as a whole, or an attribute of it that has no bit in `contextSlots`.
  var readsContextWidely = false
  /// It reads attributes of values, which may be entities other than principal and resource.
  var readsOthers = false
  /// It is one test without registers.
  var isSingleTest = false

  mutating func read(slot: Int) {
    dependencies |= Dependencies.context
    if slot < BatchChanges.slotsMax {
      contextSlots |= 1 << UInt64(slot)
    } else {
      readsContextWidely = true
    }
  }
}

/// What a condition looks at.
enum Dependencies {
  static let principal: UInt32 = 1
  static let context: UInt32 = 2
  static let resource: UInt32 = 4
  static let action: UInt32 = 8
}

/// Checks code: known operations, operands within their tables, jumps only forward and inside the
/// condition (so that it ends), no way to run off the end. Derives registers, arena and
/// dependencies from the code itself, so that an image cannot lie about them.
struct CodeCheck {
  let sections: Sections

  /// What an instruction's field means.
  enum Role {
    case unused, operand, pattern, type, attribute, slot, registers, count, shape, number
  }

  func check(_ run: RunRecord) throws(ImageError) -> ConjunctInfo {
    let start = Int(run.start)
    let end = start + Int(run.count)
    guard run.count >= 1, end <= sections.code.count else { throw .damaged("conditions") }
    var info = ConjunctInfo(
      start: run.start, registers: 0, arenaCells: 0, dependencies: 0, attributes: 0)
    var cells = 0
    for index in start..<end {
      let instruction = sections.code[index]
      guard let opcode = Opcode(rawValue: instruction.opcode), instruction.disposition <= 7 else {
        throw .damaged("code")
      }
      try checkTarget(instruction, opcode, index, end)
      if opcode.isProducer || (opcode.isTest && instruction.disposition & 3 == Disposition.store) {
        try use(register: Int(instruction.destination), &info)
      }
      let (first, second) = Self.roles(opcode)
      try check(first, instruction.first, &info, &cells)
      if opcode == .makeSet || opcode == .makeRecord {
        cells += try checkAggregate(opcode, instruction, &info)
      } else {
        try check(second, instruction.second, &info, &cells)
      }
      if opcode == .makeIP { cells += 1 }
      if opcode == .attribute || opcode == .has {
        info.readsOthers = info.readsOthers || !Self.isResource(instruction.first)
      }
    }
    guard ends(sections.code[end - 1]), cells <= 1 << 20 else { throw .damaged("code") }
    info.arenaCells = UInt32(cells)
    let opcode = Opcode(rawValue: sections.code[start].opcode)
    info.isSingleTest = run.count == 1 && info.registers == 0 && opcode?.isTest == true
    return info
  }

  private static func isResource(_ word: UInt32) -> Bool { word == Operand(.variable, 2).word }

  private func ends(_ instruction: Instruction) -> Bool {
    guard let opcode = Opcode(rawValue: instruction.opcode) else { return false }
    if opcode.isTest { return instruction.disposition & 3 == Disposition.end }
    return opcode == .jump || opcode == .fail || opcode == .returnValue
  }

  private func checkTarget(
    _ instruction: Instruction, _ opcode: Opcode, _ index: Int, _ end: Int
  ) throws(ImageError) {
    let direction = instruction.disposition & 3
    let jumps =
      opcode == .jump
      || (opcode.isTest
        && (direction == Disposition.jumpIfTrue || direction == Disposition.jumpIfFalse))
    guard jumps, instruction.target < Instruction.endFalse else { return }
    guard Int(instruction.target) > index, Int(instruction.target) < end else {
      throw .damaged("code")
    }
  }

  private func use(register: Int, _ info: inout ConjunctInfo) throws(ImageError) {
    guard register < ImageFormat.registersMax else { throw .damaged("code") }
    info.registers = max(info.registers, UInt32(register + 1))
  }

  /// Checks the registers of a set or record and returns the arena cells it takes.
  private func checkAggregate(
    _ opcode: Opcode, _ instruction: Instruction, _ info: inout ConjunctInfo
  ) throws(ImageError) -> Int {
    var count = Int(instruction.second)
    if opcode == .makeRecord {
      guard count < sections.shapes.count else { throw .damaged("code") }
      count = Int(sections.shapes[count].count)
    }
    let first = Int(instruction.first)
    guard first + count <= ImageFormat.registersMax else { throw .damaged("code") }
    info.registers = max(info.registers, UInt32(first + count))
    return opcode == .makeRecord ? count * 2 : count
  }

  private func check(
    _ role: Role, _ word: UInt32, _ info: inout ConjunctInfo, _ cells: inout Int
  ) throws(ImageError) {
    let limit: Int
    switch role {
    case .unused, .registers, .count, .number: return
    case .operand: return try check(Operand(word: word), &info, &cells)
    case .pattern: limit = sections.patterns.count
    case .type: limit = sections.types.count
    case .shape: limit = sections.shapes.count
    case .attribute:
      limit = sections.attributes.count
      info.attributes |= 1 << UInt64(word & 63)
    case .slot:
      limit = sections.contextSlots.count
      info.read(slot: Int(word))
    }
    guard Int(word) < limit else { throw .damaged("code") }
  }

  private func check(
    _ operand: Operand, _ info: inout ConjunctInfo, _ cells: inout Int
  ) throws(ImageError) {
    let limit: Int
    switch operand.mode {
    case .register: return try use(register: operand.index, &info)
    case .constant: limit = sections.constants.count
    case .context:
      limit = sections.contextSlots.count
      info.read(slot: operand.index)
    case .principal:
      limit = sections.attributes.count
      info.dependencies |= Dependencies.principal
      info.attributes |= 1 << UInt64(operand.index & 63)
    case .resource:
      limit = sections.attributes.count
      info.dependencies |= Dependencies.resource
      info.attributes |= 1 << UInt64(operand.index & 63)
    case .variable:
      limit = 4
      switch operand.index {
      case 0: info.dependencies |= Dependencies.principal
      case 1: info.dependencies |= Dependencies.action
      case 2: info.dependencies |= Dependencies.resource
      default:
        info.dependencies |= Dependencies.context
        info.readsContextWidely = true
        cells += sections.contextSlots.count * 2
      }
    case nil: throw .damaged("code")
    }
    guard operand.index < limit else { throw .damaged("code") }
  }

  static func roles(_ opcode: Opcode) -> (Role, Role) {
    switch opcode {
    case .test, .isEmpty, .isVersion4, .isVersion6, .isLoopback, .isMulticast, .move, .negate,
      .makeIP, .makeDecimal, .makeDatetime, .makeDuration, .toDate, .toTime, .toMilliseconds,
      .toSeconds, .toMinutes, .toHours, .toDays, .returnValue:
      (.operand, .unused)
    case .equal, .less, .lessOrEqual, .greater, .greaterOrEqual, .in, .contains, .containsAll,
      .containsAny, .hasTag, .mixedLess, .mixedLessOrEqual, .mixedGreater, .mixedGreaterOrEqual,
      .decimalLess, .decimalLessOrEqual, .decimalGreater, .decimalGreaterOrEqual, .isInRange, .add,
      .subtract, .multiply, .tag, .offset, .durationSince:
      (.operand, .operand)
    case .like: (.operand, .pattern)
    case .isType: (.operand, .type)
    case .has, .attribute: (.operand, .attribute)
    case .hasContext: (.unused, .slot)
    case .makeSet: (.registers, .count)
    case .makeRecord: (.registers, .shape)
    case .jump: (.unused, .unused)
    case .fail: (.number, .number)
    }
  }
}
