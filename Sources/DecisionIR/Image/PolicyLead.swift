// SPDX-License-Identifier: MIT

/// What a policy's conditions begin with when that is `attribute == constant`: of many policies in
/// one bucket that begin so, the attribute's value finds those that can hold.
///
/// `==` cannot fail once the attribute is there, whatever its type, so a policy whose constant is
/// another is false and can be left out. Where the attribute is not there, each such policy fails
/// (or, behind `has`, is false): then none is left out of a full answer.
struct PolicyLead: Equatable {
  /// The attribute, as an operand's word: of the context, the principal or the resource.
  var attribute: UInt32
  /// Number of the constant.
  var constant: UInt32

  /// - Parameters:
  ///   - first: the code of the policy's first condition, when that is one instruction.
  ///   - second: that of its second one, likewise: `has` may stand before the comparison.
  init?(_ first: Instruction?, _ second: Instruction?) {
    guard let first else { return nil }
    if let lead = PolicyLead(comparison: first) {
      self = lead
      return
    }
    guard let asked = Self.attribute(askedBy: first), let second,
      let lead = PolicyLead(comparison: second), lead.attribute == asked
    else { return nil }
    self = lead
  }

  private init?(comparison: Instruction) {
    guard comparison.opcode == Opcode.equal.rawValue, comparison.disposition == Disposition.end
    else { return nil }
    let left = Operand(word: comparison.first)
    let right = Operand(word: comparison.second)
    if Self.isAttribute(left), right.mode == .constant {
      attribute = left.word
      constant = UInt32(right.index)
    } else if Self.isAttribute(right), left.mode == .constant {
      attribute = right.word
      constant = UInt32(left.index)
    } else {
      return nil
    }
  }

  static func isAttribute(_ operand: Operand) -> Bool {
    operand.mode == .context || operand.mode == .principal || operand.mode == .resource
  }

  /// The attribute that a `has` asks for.
  private static func attribute(askedBy instruction: Instruction) -> UInt32? {
    guard instruction.disposition == Disposition.end else { return nil }
    let index = Int(instruction.second)
    guard index <= Operand.indexMax else { return nil }
    if instruction.opcode == Opcode.hasContext.rawValue { return Operand(.context, index).word }
    guard instruction.opcode == Opcode.has.rawValue else { return nil }
    switch instruction.first {
    case Operand(.variable, 0).word: return Operand(.principal, index).word
    case Operand(.variable, 2).word: return Operand(.resource, index).word
    default: return nil
    }
  }
}

extension PolicyLead {
  /// The lead of a policy of an image whose indices were checked.
  init?(_ policy: PolicyRecord, _ sections: Sections) {
    func instruction(_ place: UInt32) -> Instruction? {
      guard place < policy.conjunctCount else { return nil }
      let run = sections.conjuncts[
        Int(sections.policyConjuncts[Int(policy.conjunctStart + place)])]
      guard run.count == 1, Int(run.start) < sections.code.count else { return nil }
      return sections.code[Int(run.start)]
    }
    self.init(instruction(0), instruction(1))
  }
}
