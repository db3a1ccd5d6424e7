// SPDX-License-Identifier: MIT

extension Program {
  /// The program in readable form: sizes, then each policy with its scope and conditions, then the
  /// code of each condition.
  public var listing: String {
    var lines = [
      "policies \(policyCount), conditions \(conjuncts.cells.count), instructions "
        + "\(sections.code.count), constants \(sections.constants.count), strings "
        + "\(sections.strings.count), index buckets \(sections.buckets.count)"
    ]
    for number in 0..<policyCount { lines.append(policyLine(number)) }
    for led in ledPolicies {
      lines.append("found by \(led.attribute):")
      lines += led.cases.map { "  \($0.constant): \($0.policies)" }
    }
    for number in 0..<conjuncts.cells.count { lines += conditionLines(number) }
    return lines.joined(separator: "\n") + "\n"
  }

  private func policyLine(_ number: Int) -> String {
    let policy = sections.policies[number]
    let principal = scopeText(
      "principal", sections.principalKeys[Int(policy.principalKey)], policy.principalType)
    let resource = scopeText(
      "resource", sections.resourceKeys[Int(policy.resourceKey)], policy.resourceType)
    let start = Int(policy.conjunctStart)
    let conditions = (start..<start + Int(policy.conjunctCount)).map {
      "c\(sections.policyConjuncts[$0])"
    }
    let effect = policy.effect == 1 ? "forbid" : "permit"
    return "\(number) \(effect) \(id(of: number)) (\(principal), \(actionText(policy.action)), "
      + "\(resource)) when [\(conditions.joined(separator: " "))]"
  }

  private func entityText(_ number: UInt32) -> String {
    let record = sections.entities[Int(number)]
    return EntityName(
      type: names.types.cells[Int(record.type)].text,
      id: names.strings.cells[Int(record.id)].text
    ).description
  }

  private func scopeText(_ variable: String, _ key: ScopeKeyRecord, _ type: UInt32) -> String {
    let typeText = type == ImageFormat.absent ? "" : " is \(names.types.cells[Int(type)].text)"
    switch key.kind {
    case 0: return variable + typeText
    case 1: return "\(variable) is \(names.types.cells[Int(key.id)].text)"
    case 2: return "\(variable)\(typeText) == \(entityText(key.id))"
    default: return "\(variable)\(typeText) in \(entityText(key.id))"
    }
  }

  private func actionText(_ number: UInt32) -> String {
    let record = sections.actions[Int(number)]
    let entities = (Int(record.start)..<Int(record.start + record.count)).map {
      entityText(sections.lists[$0])
    }
    switch record.kind {
    case 0: return "action"
    case 1: return "action == \(entities.first ?? "")"
    default: return "action in [\(entities.joined(separator: ", "))]"
    }
  }

  private func conditionLines(_ number: Int) -> [String] {
    let info = conjuncts.cells[number]
    let names: [(UInt32, String)] = [
      (Dependencies.principal, "principal"), (Dependencies.action, "action"),
      (Dependencies.resource, "resource"), (Dependencies.context, "context"),
    ]
    let reads = names.filter { info.dependencies & $0.0 != 0 }.map(\.1)
    let run = sections.conjuncts[number]
    let head = "c\(number): reads \(reads.isEmpty ? "nothing" : reads.joined(separator: ", "))"
    return [head]
      + (Int(run.start)..<Int(run.start + run.count)).map {
        "  \($0 - Int(run.start)) \(instructionText($0, Int(run.start)))"
      }
  }

  private func instructionText(_ place: Int, _ start: Int) -> String {
    let step = steps.cells[place]
    var parts = ["\(step.opcode)"]
    let (first, second) = CodeCheck.roles(step.opcode)
    for (role, word) in [(first, step.first), (second, step.second)] {
      if let text = operandText(role, word) { parts.append(text) }
    }
    func target() -> String {
      switch step.target {
      case Instruction.endTrue: "true"
      case Instruction.endFalse: "false"
      default: "\(Int(step.target) - start)"
      }
    }
    if step.opcode.isProducer { parts.append("-> r\(step.destination)") }
    if step.opcode == .jump { parts.append(target()) }
    if step.opcode.isTest {
      if step.disposition & Disposition.invert != 0 { parts.insert("not", at: 0) }
      switch step.disposition & 3 {
      case Disposition.store: parts.append("-> r\(step.destination)")
      case Disposition.jumpIfTrue: parts.append("? \(target())")
      case Disposition.jumpIfFalse: parts.append(": \(target())")
      default: parts.append("end")
      }
    }
    return parts.joined(separator: " ")
  }

  func operandText(_ role: CodeCheck.Role, _ word: UInt32) -> String? {
    switch role {
    case .unused: return nil
    case .pattern: return "pattern \(word)"
    case .type: return names.types.cells[Int(word)].text
    case .attribute: return "." + names.attributes.cells[Int(word)].text
    case .slot: return "context." + names.slots.cells[Int(word)].text
    case .registers: return "r\(word)..."
    case .count, .number: return String(word)
    case .shape: return "shape \(word)"
    case .operand: break
    }
    let operand = Operand(word: word)
    switch operand.mode {
    case .register: return "r\(operand.index)"
    case .constant: return constantText(operand.index)
    case .context: return "context." + names.slots.cells[operand.index].text
    case .principal: return "principal." + names.attributes.cells[operand.index].text
    case .resource: return "resource." + names.attributes.cells[operand.index].text
    case .variable: return ["principal", "action", "resource", "context"][operand.index]
    case nil: return "?"
    }
  }

  private func constantText(_ number: Int) -> String { constant(number).description }

  func constant(_ number: Int) -> Datum {
    let reader = DatumReader { value in
      let record = self.sections.entities[Int(value.entityID)]
      return EntityName(
        type: self.names.types.cells[Int(record.type)].text,
        id: self.names.strings.cells[Int(record.id)].text)
    }
    return reader.datum(names.constants.cells[number])
  }
}
