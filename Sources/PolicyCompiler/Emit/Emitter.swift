// SPDX-License-Identifier: MIT

import CedarSyntax
import DecisionIR

/// Turns one expression into code.
///
/// Conditions are emitted as jumps (`branch`), other expressions as operands: constants, context
/// slots and attributes of principal and resource are read in place; the rest goes to registers,
/// which are handed out like a stack.
struct Emitter {
  /// A place that code can jump to.
  enum Target: Equatable {
    case endTrue
    case endFalse
    case label(Int)
  }

  let draft: ProgramDraft
  private(set) var diagnostics: [Diagnostic] = []
  private(set) var spans: [(start: UInt32, end: UInt32)] = []
  private var folder: ConstantFolder
  private var code: [(instruction: Instruction, target: Target?)] = []
  private var labels: [Int] = []
  private var registersUsed = 0

  init(draft: ProgramDraft, slots: [Slot: EntityUID]) {
    self.draft = draft
    folder = ConstantFolder(slots: slots)
  }

  var slots: [Slot: EntityUID] { folder.slots }

  mutating func constant(_ expression: Expression) -> Datum? { folder.constant(expression) }

  /// Code that ends with the truth of a condition.
  mutating func emitCondition(_ expression: Expression) {
    branch(expression, .endTrue, .endFalse)
  }

  /// Code that ends with the value of an expression.
  mutating func emitValue(_ expression: Expression) {
    let value = operand(expression)
    add(.returnValue, first: value.word, at: expression)
  }

  /// The code with its jumps resolved.
  func finished() -> [Instruction] {
    code.map { entry in
      guard let target = entry.target else { return entry.instruction }
      switch target {
      case .endTrue: return entry.instruction.jumping(to: Instruction.endTrue)
      case .endFalse: return entry.instruction.jumping(to: Instruction.endFalse)
      case .label(let label): return entry.instruction.jumping(to: UInt32(labels[label]))
      }
    }
  }

  mutating func report(_ diagnostic: Diagnostic) { diagnostics.append(diagnostic) }

  // MARK: parts of code

  private mutating func append(
    _ instruction: Instruction, _ target: Target?, _ expression: Expression
  ) {
    code.append((instruction, target))
    spans.append((expression.span.start, expression.span.end))
  }

  mutating func add(
    _ opcode: Opcode, destination: Int = 0, first: UInt32 = 0, second: UInt32 = 0,
    at expression: Expression
  ) {
    append(
      Instruction(opcode, destination: destination, first: first, second: second), nil, expression)
  }

  private mutating func newLabel() -> Int {
    labels.append(-1)
    return labels.count - 1
  }

  private mutating func place(_ label: Int) { labels[label] = code.count }

  private mutating func jump(_ target: Target, _ expression: Expression) {
    append(Instruction(.jump), target, expression)
  }

  mutating func newRegister(_ expression: Expression) -> Int {
    registersUsed += 1
    if registersUsed > Emitter.registersMax {
      if diagnostics.isEmpty {
        diagnostics.append(
          Diagnostic(
            .error, .tooLargeToCompile, "this expression needs too many values at once",
            labels: [.init(expression.span)]))
      }
      return 0
    }
    return registersUsed - 1
  }

  /// Most values an expression may hold at once.
  static let registersMax = 60_000

  /// Runs `body` and gives back the registers it took.
  mutating func scoped<Result>(_ body: (inout Emitter) -> Result) -> Result {
    let before = registersUsed
    let result = body(&self)
    registersUsed = before
    return result
  }

  // MARK: conditions

  /// Emits a test and directs its result; nil stands for "go on behind".
  mutating func direct(
    _ opcode: Opcode, first: UInt32 = 0, second: UInt32 = 0, inverted: Bool = false,
    _ ifTrue: Target?, _ ifFalse: Target?, at expression: Expression
  ) {
    let invert = inverted ? Disposition.invert : 0
    func instruction(_ disposition: UInt8) -> Instruction {
      Instruction(opcode, disposition: disposition ^ invert, first: first, second: second)
    }
    switch (ifTrue, ifFalse) {
    case (.endTrue?, .endFalse?): append(instruction(Disposition.end), nil, expression)
    case (.endFalse?, .endTrue?):
      append(instruction(Disposition.end ^ Disposition.invert), nil, expression)
    case (let target?, nil): append(instruction(Disposition.jumpIfTrue), target, expression)
    case (nil, let target?): append(instruction(Disposition.jumpIfFalse), target, expression)
    case (let yes?, let no?):
      append(instruction(Disposition.jumpIfTrue), yes, expression)
      jump(no, expression)
    case (nil, nil):
      // Only the errors of the test matter.
      let register = newRegister(expression)
      append(
        Instruction(
          opcode, disposition: invert, destination: register, first: first, second: second),
        nil, expression)
    }
  }

  /// Emits code that goes to `ifTrue` or `ifFalse`; nil stands for "go on behind".
  mutating func branch(_ expression: Expression, _ ifTrue: Target?, _ ifFalse: Target?) {
    if let datum = constant(expression), case .bool(let flag) = datum {
      if let target = flag ? ifTrue : ifFalse { jump(target, expression) }
      return
    }
    switch expression.kind {
    case .not(let operand): branch(operand, ifFalse, ifTrue)
    case .and(let operands): chain(operands, ifTrue, ifFalse, isAnd: true)
    case .or(let operands): chain(operands, ifTrue, ifFalse, isAnd: false)
    case .ifThenElse(let condition, let then, let otherwise):
      let elseLabel = newLabel()
      let endLabel = newLabel()
      branch(condition, nil, .label(elseLabel))
      branch(then, ifTrue ?? .label(endLabel), ifFalse ?? .label(endLabel))
      place(elseLabel)
      branch(otherwise, ifTrue, ifFalse)
      place(endLabel)
    case .has(let operand, let names) where names.count > 1:
      branch(Self.expandedHas(operand, names, expression.span), ifTrue, ifFalse)
    case .isType(let operand, let name, let container?):
      let isType = Expression(.isType(operand, name, in: nil), span: expression.span)
      let isIn = Expression(.relation(.in, operand, container), span: expression.span)
      chain([isType, isIn], ifTrue, ifFalse, isAnd: true)
    default:
      scoped { $0.branchTest(expression, ifTrue, ifFalse) }
    }
  }

  /// `e has a.b.c` as `e has a && e.a has b && e.a.b has c`.
  private static func expandedHas(
    _ operand: Expression, _ names: [AttributeName], _ span: SourceSpan
  ) -> Expression {
    var parts: [Expression] = []
    var base = operand
    for name in names {
      parts.append(Expression(.has(base, [name]), span: span))
      base = Expression(.attribute(base, name), span: span)
    }
    return Expression(.and(parts), span: span)
  }

  private mutating func chain(
    _ operands: [Expression], _ ifTrue: Target?, _ ifFalse: Target?, isAnd: Bool
  ) {
    let end = newLabel()
    for operand in operands.dropLast() {
      if isAnd {
        branch(operand, nil, ifFalse ?? .label(end))
      } else {
        branch(operand, ifTrue ?? .label(end), nil)
      }
    }
    if let last = operands.last { branch(last, ifTrue, ifFalse) }
    place(end)
  }

  /// The bool of a condition in a register.
  mutating func materialize(_ expression: Expression) -> Int {
    let register = newRegister(expression)
    let falseLabel = newLabel()
    let endLabel = newLabel()
    let yes = Operand(.constant, Int(draft.constant(.bool(true))))
    let no = Operand(.constant, Int(draft.constant(.bool(false))))
    branch(expression, nil, .label(falseLabel))
    add(.move, destination: register, first: yes.word, at: expression)
    jump(.label(endLabel), expression)
    place(falseLabel)
    add(.move, destination: register, first: no.word, at: expression)
    place(endLabel)
    return register
  }

  /// A value chosen by a condition, in a register.
  mutating func choose(
    _ condition: Expression, _ then: Expression, _ otherwise: Expression, _ at: Expression
  ) -> Int {
    let register = newRegister(at)
    let elseLabel = newLabel()
    let endLabel = newLabel()
    branch(condition, nil, .label(elseLabel))
    scoped { emitter in
      let value = emitter.operand(then)
      emitter.add(.move, destination: register, first: value.word, at: then)
    }
    jump(.label(endLabel), at)
    place(elseLabel)
    scoped { emitter in
      let value = emitter.operand(otherwise)
      emitter.add(.move, destination: register, first: value.word, at: otherwise)
    }
    place(endLabel)
    return register
  }

  mutating func fail(_ reason: ExtensionFault, _ expression: Expression) {
    add(.fail, first: UInt32(reason.rawValue), at: expression)
  }
}

extension Emitter {
  /// A slot that no link fills: reported, and something to go on with.
  mutating func unfilled(_ expression: Expression) -> Operand {
    report(
      Diagnostic(
        .error, .unfilledSlot, "this slot is not filled by a link",
        labels: [.init(expression.span)]))
    return Operand(.variable, 0)
  }
}
