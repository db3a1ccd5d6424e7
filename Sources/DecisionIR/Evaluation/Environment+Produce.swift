// SPDX-License-Identifier: MIT

/// Operations that produce a value; `none` when they fail, with the fault recorded.
extension Environment {
  @inline(never)
  mutating func produce(_ instruction: Step) -> Value {
    let opcode = instruction.opcode
    switch opcode {
    case .makeSet: return makeSet(instruction)
    case .makeRecord: return makeRecord(instruction)
    default: break
    }
    let left = fetch(instruction.first)
    if left.isKind(.none) {
      missing(instruction.first)
      return .none
    }
    switch opcode {
    case .move: return left
    case .attribute: return attribute(left, Int(instruction.second))
    case .negate:
      guard left.isKind(.long) else { return noValue(.long, left) }
      let (result, overflow) = Int64(0).subtractingReportingOverflow(left.number)
      return overflow ? self.overflow(3, left, .none) : .long(result)
    case .makeIP, .makeDecimal, .makeDatetime, .makeDuration: return construct(opcode, left)
    case .toDate, .toTime: return calendar(opcode, left)
    case .toMilliseconds, .toSeconds, .toMinutes, .toHours, .toDays:
      return convert(opcode, left)
    default:
      let right = fetch(instruction.second)
      if right.isKind(.none) {
        missing(instruction.second)
        return .none
      }
      return combine(opcode, left, right)
    }
  }

  private mutating func combine(_ opcode: Opcode, _ left: Value, _ right: Value) -> Value {
    switch opcode {
    case .add, .subtract, .multiply:
      guard left.isKind(.long) else { return noValue(.long, left) }
      guard right.isKind(.long) else { return noValue(.long, right) }
      return arithmetic(opcode, left, right)
    case .tag: return tag(left, right)
    case .offset:
      guard left.isKind(.datetime) else { return noValue(.datetime, left) }
      guard right.isKind(.duration) else { return noValue(.duration, right) }
      let (sum, overflow) = left.number.addingReportingOverflow(right.number)
      return overflow ? failed(.datetimeOverflow) : .datetime(milliseconds: sum)
    default:
      guard left.isKind(.datetime) else { return noValue(.datetime, left) }
      guard right.isKind(.datetime) else { return noValue(.datetime, right) }
      let (difference, overflow) = left.number.subtractingReportingOverflow(right.number)
      return overflow ? failed(.durationOverflow) : .duration(milliseconds: difference)
    }
  }

  private mutating func arithmetic(_ opcode: Opcode, _ left: Value, _ right: Value) -> Value {
    let (first, second) = (left.number, right.number)
    let (result, overflow) =
      switch opcode {
      case .add: first.addingReportingOverflow(second)
      case .subtract: first.subtractingReportingOverflow(second)
      default: first.multipliedReportingOverflow(by: second)
      }
    if overflow {
      return self.overflow(opcode == .add ? 0 : opcode == .subtract ? 1 : 2, left, right)
    }
    return .long(result)
  }

  private mutating func overflow(_ operation: UInt32, _ left: Value, _ right: Value) -> Value {
    fault = Fault(code: .overflow, detail: operation, first: left, second: right)
    return .none
  }

  private mutating func failed(_ reason: ExtensionFault) -> Value {
    fault = Fault(
      code: .extension, detail: UInt32(reason.rawValue), first: .none, second: .none)
    return .none
  }

  private mutating func attribute(_ value: Value, _ number: Int) -> Value {
    if value.isKind(.entity) {
      let view = self.view(of: value)
      let found = view.attribute(number)
      if found.isKind(.none) { missing(view, UInt32(number)) }
      return found
    }
    guard value.isKind(.record) else { return noValue(.entityOrRecord, value) }
    let found = value.field(attributeNames[number])
    if found.isKind(.none) {
      fault = Fault(code: .attribute, detail: UInt32(number), first: value, second: .none)
    }
    return found
  }

  private mutating func tag(_ entity: Value, _ name: Value) -> Value {
    guard entity.isKind(.entity) else { return noValue(.entity, entity) }
    guard name.isKind(.string) else { return noValue(.string, name) }
    let view = self.view(of: entity)
    let found = view.tags.field(name)
    if found.isKind(.none) {
      fault = Fault(
        code: view.exists ? .tag : .entity, detail: 0, first: entity, second: name)
    }
    return found
  }

  private mutating func makeSet(_ instruction: Step) -> Value {
    let count = Int(instruction.second)
    guard let cells = allocate(count) else { return .none }
    for index in 0..<count { cells[index] = registers[Int(instruction.first) &+ index] }
    return .set(cells)
  }

  private mutating func makeRecord(_ instruction: Step) -> Value {
    let shape = shapes[Int(instruction.second)]
    guard let cells = allocate(Int(shape.count) * 2) else { return .none }
    for index in 0..<Int(shape.count) {
      cells[index &* 2] = shapeKeys[Int(shape.start) &+ index]
      cells[index &* 2 &+ 1] = registers[Int(instruction.first) &+ index]
    }
    return .record(cells)
  }

  private mutating func construct(_ opcode: Opcode, _ text: Value) -> Value {
    guard text.isKind(.string) else { return noValue(.string, text) }
    let bytes = text.bytes
    switch opcode {
    case .makeIP:
      switch IPText.parse(bytes) {
      case .failure(let reason): return failed(reason)
      case .success(let range): return makeAddress(range)
      }
    case .makeDecimal:
      return make(DecimalText.parse(bytes)) { .decimal(scaled: $0) }
    case .makeDatetime:
      return make(DatetimeText.parse(bytes)) { .datetime(milliseconds: $0) }
    default:
      return make(DurationText.parse(bytes)) { .duration(milliseconds: $0) }
    }
  }

  private mutating func make(
    _ parsed: Result<Int64, ExtensionFault>, _ wrap: (Int64) -> Value
  ) -> Value {
    switch parsed {
    case .success(let number): wrap(number)
    case .failure(let reason): failed(reason)
    }
  }

  private mutating func makeAddress(_ range: IPRange) -> Value {
    guard range.isVersion6 else {
      return .ip(v4: UInt32(truncatingIfNeeded: range.low), prefix: range.prefix)
    }
    guard let halves = allocate(1)?.halves else { return .none }
    halves[0] = range.high
    halves[1] = range.low
    return .ip(v6: halves, prefix: range.prefix)
  }

  private mutating func calendar(_ opcode: Opcode, _ value: Value) -> Value {
    guard value.isKind(.datetime) else { return noValue(.datetime, value) }
    if opcode == .toTime { return .duration(milliseconds: DatetimeText.toTime(value.number)) }
    guard let date = DatetimeText.toDate(value.number) else { return failed(.datetimeOverflow) }
    return .datetime(milliseconds: date)
  }

  private mutating func convert(_ opcode: Opcode, _ value: Value) -> Value {
    guard value.isKind(.duration) else { return noValue(.duration, value) }
    let divisor: Int64 =
      switch opcode {
      case .toMilliseconds: 1
      case .toSeconds: 1000
      case .toMinutes: 60_000
      case .toHours: 3_600_000
      default: 86_400_000
      }
    return .long(value.number / divisor)
  }
}
