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
  /// Runs a condition.
  @inline(__always)
  mutating func run(_ conjunct: Int) -> Outcome {
    let info = conjuncts[unchecked: conjunct]
    arenaUsed = 0
    guard info.isSingleTest else { return run(info) }
    let step = code[unchecked: Int(info.start)]
    let flag = test(step)
    if flag > 1 { return failed(Int(info.start)) }
    return flag == step.disposition >> 2 ? .isFalse : .isTrue
  }

  /// Runs code. Ends always: code was checked to jump only forward.
  ///
  /// Indices into code, registers and constants are those of the checked image.
  @inline(never)
  private mutating func run(_ info: ConjunctInfo) -> Outcome {
    var register = 0
    while register < Int(info.registers) {
      registers[unchecked: register] = .none
      register &+= 1
    }
    var counter = Int(info.start)
    while true {
      let step = code[unchecked: counter]
      let flag: UInt8
      switch step.opcode {
      case .test, .equal, .less, .lessOrEqual, .greater, .greaterOrEqual, .in, .contains,
        .containsAll, .containsAny, .isEmpty, .like, .isType, .has, .hasContext, .hasTag,
        .mixedLess, .mixedLessOrEqual, .mixedGreater, .mixedGreaterOrEqual, .decimalLess,
        .decimalLessOrEqual, .decimalGreater, .decimalGreaterOrEqual, .isVersion4, .isVersion6,
        .isLoopback, .isMulticast, .isInRange:
        flag = test(step)
        if flag > 1 { return failed(counter) }
      case .jump:
        if step.target >= Instruction.endFalse {
          return step.target == Instruction.endTrue ? .isTrue : .isFalse
        }
        counter = Int(step.target)
        continue
      case .fail, .returnValue: return end(step, counter)
      default:
        let value = produce(step)
        if value.isKind(.none) { return failed(counter) }
        registers[unchecked: Int(step.destination)] = value
        counter &+= 1
        continue
      }
      let verdict = flag ^ (step.disposition >> 2 & 1)
      switch step.disposition & 3 {
      case Disposition.end: return verdict == 1 ? .isTrue : .isFalse
      case Disposition.store:
        registers[unchecked: Int(step.destination)] = .bool(verdict == 1)
        counter &+= 1
      default:
        let wanted: UInt8 = step.disposition & 3 == Disposition.jumpIfTrue ? 1 : 0
        if verdict != wanted {
          counter &+= 1
        } else if step.target >= Instruction.endFalse {
          return step.target == Instruction.endTrue ? .isTrue : .isFalse
        } else {
          counter = Int(step.target)
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
  private mutating func end(_ instruction: Step, _ counter: Int) -> Outcome {
    if instruction.opcode == .returnValue {
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
    case 0: return registers[unchecked: index]
    case 1: return constants[unchecked: index]
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
