// SPDX-License-Identifier: MIT

/// What a policy's conditions begin with when that is `attribute == constant`: of many policies in
/// one bucket that begin so, the attribute's value finds those that can hold.
///
/// `==` cannot fail once the attribute is there, whatever its type, so a policy whose constant is
/// another is false and can be left out, also where conditions that cannot fail stand before, such
/// as `context has attribute`. Where the attribute is not there, each such policy fails, or is
/// false by what stands before: then none is left out of a full answer.
struct PolicyLead: Equatable {
  /// The attribute, as an operand's word: of the context, the principal or the resource.
  var attribute: UInt32
  /// Number of the constant.
  var constant: UInt32

  /// - Parameter condition: the code of the policy's condition at a place, when there is one and it
  ///   is one instruction.
  init?(_ condition: (UInt32) -> Instruction?) {
    var place: UInt32 = 0
    while let instruction = condition(place) {
      if let lead = PolicyLead(comparison: instruction) {
        self = lead
        return
      }
      guard Self.cannotFail(instruction) else { return nil }
      place += 1
    }
    return nil
  }

  /// The lead that an instruction is by itself.
  init?(comparison: Instruction) {
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

  private static func cannotFail(_ instruction: Instruction) -> Bool {
    switch Opcode(rawValue: instruction.opcode) {
    case .hasContext: true
    case .has, .isType: isEntity(instruction.first)
    case .equal: isKnown(instruction.first) && isKnown(instruction.second)
    default: false
    }
  }

  /// Principal, action or resource.
  private static func isEntity(_ word: UInt32) -> Bool {
    let operand = Operand(word: word)
    return operand.mode == .variable && operand.index < 3
  }

  private static func isKnown(_ word: UInt32) -> Bool {
    isEntity(word) || Operand(word: word).mode == .constant
  }
}

extension PolicyLead {
  /// The lead of a policy of an image whose indices were checked.
  init?(_ policy: PolicyRecord, _ sections: Sections) {
    self.init { place in
      guard place < policy.conjunctCount else { return nil }
      let run = sections.conjuncts[
        Int(sections.policyConjuncts[Int(policy.conjunctStart + place)])]
      guard run.count == 1, Int(run.start) < sections.code.count else { return nil }
      return sections.code[Int(run.start)]
    }
  }
}
