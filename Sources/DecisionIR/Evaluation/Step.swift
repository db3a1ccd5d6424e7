// SPDX-License-Identifier: MIT

/// An instruction of a checked image, decoded once when it is loaded: the operation as a dense
/// enum, so that dispatch is one jump.
struct Step: BitwiseCopyable, Sendable {
  var opcode: Opcode
  var disposition: UInt8
  var destination: UInt16
  var first: UInt32
  var second: UInt32
  var target: UInt32

  init(_ instruction: Instruction, _ opcode: Opcode) {
    self.opcode = opcode
    disposition = instruction.disposition
    destination = instruction.destination
    first = instruction.first
    second = instruction.second
    target = instruction.target
  }

  /// The code of a program, decoded. Every opcode was checked.
  static func decode(_ code: Cells<Instruction>) -> Storage<Step> {
    let end = Step(Instruction(.jump, target: Instruction.endFalse), .jump)
    let steps = Storage<Step>(repeating: end, count: code.count)
    for index in 0..<code.count {
      let instruction = code[index]
      if let opcode = Opcode(rawValue: instruction.opcode) {
        steps.cells[index] = Step(instruction, opcode)
      }
    }
    return steps
  }
}
