// SPDX-License-Identifier: MIT

/// What an instruction does. The numbers are part of the image format.
public enum Opcode: UInt8, Sendable, CaseIterable, BitwiseCopyable {
  // Tests: they produce a bool, which goes where the disposition says.
  /// The bool `first` itself.
  case test = 1
  case equal
  case less
  case lessOrEqual
  case greater
  case greaterOrEqual
  case `in`
  case contains
  case containsAll
  case containsAny
  case isEmpty
  /// `first` matches pattern number `second`.
  case like
  /// `first` is of type symbol `second`.
  case isType
  /// `first` has attribute number `second`.
  case has
  /// The context has slot number `second`.
  case hasContext
  case hasTag
  // The dialect's comparisons: a decimal literal on a side, a long or decimal on the other.
  case mixedLess
  case mixedLessOrEqual
  case mixedGreater
  case mixedGreaterOrEqual
  case decimalLess
  case decimalLessOrEqual
  case decimalGreater
  case decimalGreaterOrEqual
  case isVersion4
  case isVersion6
  case isLoopback
  case isMulticast
  case isInRange

  // Value producers: the result goes to register `destination`.
  case move = 64
  case add
  case subtract
  case multiply
  case negate
  /// Attribute number `second` of `first`.
  case attribute
  case tag
  /// A set of the `second` registers that begin at register `first`.
  case makeSet
  /// A record of the registers that begin at register `first`; keys are list number `second`.
  case makeRecord
  case makeIP
  case makeDecimal
  case makeDatetime
  case makeDuration
  case offset
  case durationSince
  case toDate
  case toTime
  case toMilliseconds
  case toSeconds
  case toMinutes
  case toHours
  case toDays

  // Control
  /// Goes on at `target`.
  case jump = 128
  /// Ends with the fault whose code is `first` and detail `second`.
  case fail
  /// Ends with the value `first`.
  case returnValue

  /// Whether it produces a bool that a disposition directs.
  public var isTest: Bool { rawValue < Opcode.move.rawValue }

  /// Whether it writes its destination register whatever the disposition.
  public var isProducer: Bool {
    rawValue >= Opcode.move.rawValue && rawValue < Opcode.jump.rawValue
  }
}

/// Where the bool of a test goes.
public enum Disposition {
  /// Into the destination register.
  public static let store: UInt8 = 0
  /// To `target` when it is true, else on to the next instruction.
  public static let jumpIfTrue: UInt8 = 1
  /// To `target` when it is false, else on to the next instruction.
  public static let jumpIfFalse: UInt8 = 2
  /// Ends the code with the bool as its result.
  public static let end: UInt8 = 3
  /// Added to one of the others: the bool is negated first.
  public static let invert: UInt8 = 4
}

/// Where an instruction finds a value: a mode in the upper 4 bits, an index in the lower 28.
public struct Operand: Sendable, Hashable {
  public let word: UInt32

  public enum Mode: UInt32, Sendable {
    case register = 0
    case constant = 1
    /// A top-level attribute of the context, by slot; a fault when it is not set.
    case context = 2
    /// An attribute of the principal, by attribute number.
    case principal = 3
    /// An attribute of the resource, by attribute number.
    case resource = 4
    /// 0 principal, 1 action, 2 resource, 3 context.
    case variable = 5
  }

  public static let indexMax = 0x0FFF_FFFF

  public init(_ mode: Mode, _ index: Int) {
    precondition(index >= 0 && index <= Operand.indexMax)
    word = mode.rawValue << 28 | UInt32(index)
  }

  init(word: UInt32) {
    self.word = word
  }

  public var mode: Mode? { Mode(rawValue: word >> 28) }
  public var index: Int { Int(word & 0x0FFF_FFFF) }
}

/// One step of code, 16 bytes.
public struct Instruction: Sendable, BitwiseCopyable {
  var opcode: UInt8
  var disposition: UInt8
  var destination: UInt16
  var first: UInt32
  var second: UInt32
  var target: UInt32

  /// A target that ends the code with false.
  public static let endFalse: UInt32 = 0xFFFF_FFFE
  /// A target that ends the code with true.
  public static let endTrue: UInt32 = 0xFFFF_FFFF

  /// - Parameter target: relative to the first instruction of the conjunct, or one of the ends.
  public init(
    _ opcode: Opcode, disposition: UInt8 = 0, destination: Int = 0, first: UInt32 = 0,
    second: UInt32 = 0, target: UInt32 = 0
  ) {
    self.opcode = opcode.rawValue
    self.disposition = disposition
    self.destination = UInt16(destination)
    self.first = first
    self.second = second
    self.target = target
  }

  /// The instruction with another target.
  public func jumping(to target: UInt32) -> Instruction {
    var copy = self
    copy.target = target
    return copy
  }
}
