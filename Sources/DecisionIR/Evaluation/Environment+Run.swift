// SPDX-License-Identifier: MIT

/// How a condition ended.
enum Outcome: UInt8 {
  case isFalse = 0
  case isTrue = 1
  /// See `Environment.fault`.
  case failed = 2
  /// See `Environment.result`.
  case value = 3
}

extension Environment {
  /// Runs a condition. Ends always: code was checked to jump only forward.
  mutating func run(_ conjunct: Int) -> Outcome {
    let info = conjuncts[conjunct]
    arenaUsed = 0
    var register = 0
    while register < Int(info.registers) {
      registers[register] = .none
      register &+= 1
    }
    var counter = Int(info.start)
    while true {
      let instruction = code[counter]
      guard instruction.opcode < Opcode.move.rawValue else {
        if instruction.opcode < Opcode.jump.rawValue {
          let value = produce(instruction)
          if value.isKind(.none) { return failed(counter) }
          registers[Int(instruction.destination)] = value
          counter &+= 1
          continue
        }
        if instruction.opcode != Opcode.jump.rawValue { return end(instruction, counter) }
        if instruction.target >= Instruction.endFalse {
          return instruction.target == Instruction.endTrue ? .isTrue : .isFalse
        }
        counter = Int(instruction.target)
        continue
      }
      let verdict = test(instruction)
      if verdict > 1 { return failed(counter) }
      let flag = verdict ^ (instruction.disposition >> 2 & 1)
      switch instruction.disposition & 3 {
      case Disposition.store:
        registers[Int(instruction.destination)] = .bool(flag == 1)
        counter &+= 1
      case Disposition.end: return flag == 1 ? .isTrue : .isFalse
      default:
        let wanted: UInt8 = instruction.disposition & 3 == Disposition.jumpIfTrue ? 1 : 0
        if flag != wanted {
          counter &+= 1
        } else if instruction.target >= Instruction.endFalse {
          return instruction.target == Instruction.endTrue ? .isTrue : .isFalse
        } else {
          counter = Int(instruction.target)
        }
      }
    }
  }

  @inline(never)
  private mutating func failed(_ counter: Int) -> Outcome {
    faultInstruction = UInt32(truncatingIfNeeded: counter)
    return .failed
  }

  @inline(never)
  private mutating func end(_ instruction: Instruction, _ counter: Int) -> Outcome {
    if instruction.opcode == Opcode.returnValue.rawValue {
      result = fetch(instruction.first)
      if !result.isKind(.none) { return .value }
      missing(instruction.first)
    } else {
      fault = Fault(
        code: .extension, detail: instruction.first, first: .none, second: .none)
    }
    return failed(counter)
  }

  /// The value of an operand, or `none` when it has none (`missing` tells why).
  @inline(__always)
  mutating func fetch(_ word: UInt32) -> Value {
    let index = Int(word & 0x0FFF_FFFF)
    switch word >> 28 {
    case 0: return registers[index]
    case 1: return constants[index]
    case 2: return context[index]
    case 3: return principal.attribute(index)
    case 4: return resource.attribute(index)
    default: return variable(index)
    }
  }

  @inline(never)
  private mutating func variable(_ index: Int) -> Value {
    switch index {
    case 0: principal.value
    case 1: action.value
    case 2: resource.value
    default: wholeContext()
    }
  }

  /// Records why an operand has no value.
  @inline(never)
  mutating func missing(_ word: UInt32) {
    let operand = Operand(word: word)
    let detail = UInt32(operand.index)
    switch operand.mode {
    case .context: fault = Fault(code: .context, detail: detail, first: .none, second: .none)
    case .principal: missing(principal, detail)
    case .resource: missing(resource, detail)
    default: fault = Fault(code: .type, detail: 0, first: .none, second: .none)
    }
  }

  mutating func missing(_ view: EntityView, _ attribute: UInt32) {
    fault = Fault(
      code: view.exists ? .attribute : .entity, detail: attribute, first: view.value,
      second: .none)
  }

  /// Records a type error; the answer is the verdict of a test that failed.
  @inline(never)
  mutating func mismatch(_ expected: Expected, _ value: Value) -> UInt8 {
    fault = Fault(code: .type, detail: expected.rawValue, first: value, second: .none)
    return 2
  }

  /// Records a type error; the answer is the value of a producer that failed.
  @inline(never)
  mutating func noValue(_ expected: Expected, _ value: Value) -> Value {
    fault = Fault(code: .type, detail: expected.rawValue, first: value, second: .none)
    return .none
  }
}
