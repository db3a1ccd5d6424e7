// SPDX-License-Identifier: MIT

/// A compiled set of policies: a checked image with its tables resolved. Immutable, shared by
/// threads.
///
/// Decisions need an `EntityStore` made for the program, and an `Evaluator` (one per thread) or the
/// batch types (`BatchPlan`, `ResourceTable`, `PreparedPrincipal`, `BatchDecision`).
public final class Program: Sendable {
  let sections: Sections
  let names: ProgramNames
  let conjuncts: Storage<ConjunctInfo>
  let steps: Storage<Step>
  let index: ScopeIndex
  let leads: LeadIndex
  /// Largest needs of any condition: registers and arena cells.
  let registersMax: Int
  let arenaCellsMax: Int
  /// Whether some condition uses `context` other than by attribute.
  let usesWholeContext: Bool
  /// Keeps the memory of the image.
  private let owner: any AnyObject & Sendable

  /// Loads an image, refusing it when anything about it is wrong.
  ///
  /// - Throws: `ImageError`; a hostile image is refused, never run.
  public convenience init(image: [UInt8]) throws(ImageError) {
    var error: ImageError?
    var words: Storage<UInt64>?
    unsafe image.withUnsafeBytes { bytes in
      guard bytes.count <= ImageFormat.sizeMax else {
        error = .damaged("it is too large")
        return
      }
      words = unsafe Program.copy(bytes)
    }
    if let error { throw error }
    guard let words else { throw .notAnImage }
    try self.init(memory: words, count: image.count)
  }

  /// Loads an image from memory that `owner` keeps, such as a mapped file. Nothing is copied: the
  /// program reads from that memory as long as it lives.
  ///
  /// - Parameter bytes: aligned to 8 bytes; must never change, also not through the file.
  /// - Throws: `ImageError`; a hostile image is refused, never run.
  public convenience init(
    borrowing bytes: UnsafeRawBufferPointer, owner: any AnyObject & Sendable
  ) throws(ImageError) {
    guard bytes.count <= ImageFormat.sizeMax else { throw .damaged("it is too large") }
    guard let start = bytes.baseAddress else { throw .notAnImage }
    guard UInt(bitPattern: start) % 8 == 0 else { throw .damaged("alignment") }
    let base = unsafe UnsafeMutablePointer(
      mutating: start.assumingMemoryBound(to: UInt8.self))
    try self.init(bytes: unsafe Cells(base: base, count: bytes.count), owner: owner)
  }

  /// Loads an image from memory that stays the caller's.
  ///
  /// - Throws: `ImageError`; a hostile image is refused, never run.
  public convenience init(copying bytes: UnsafeRawBufferPointer) throws(ImageError) {
    guard bytes.count <= ImageFormat.sizeMax else { throw .damaged("it is too large") }
    try self.init(memory: unsafe Program.copy(bytes), count: bytes.count)
  }

  private static func copy(_ bytes: UnsafeRawBufferPointer) -> Storage<UInt64> {
    let words = Storage<UInt64>(repeating: 0, count: (bytes.count + 7) / 8)
    unsafe UnsafeMutableRawBufferPointer(
      start: words.cells.base, count: words.cells.count * 8
    ).copyMemory(from: bytes)
    return words
  }

  private convenience init(memory: Storage<UInt64>, count: Int) throws(ImageError) {
    let raw = unsafe UnsafeMutableRawPointer(memory.cells.base)
    let bytes = unsafe Cells(base: raw.assumingMemoryBound(to: UInt8.self), count: count)
    try self.init(bytes: bytes, owner: memory)
  }

  private init(bytes: Cells<UInt8>, owner: any AnyObject & Sendable) throws(ImageError) {
    self.owner = owner
    let sections = Sections(try ImageReader(bytes))
    try ImageCheck(sections: sections).run()
    self.sections = sections
    names = try ProgramNames(sections)
    let check = CodeCheck(sections: sections)
    let conjuncts = Storage<ConjunctInfo>(
      repeating: ConjunctInfo(
        start: 0, registers: 0, arenaCells: 0, dependencies: 0, attributes: 0),
      count: sections.conjuncts.count)
    var registers = 0
    var cells = 0
    for number in 0..<sections.conjuncts.count {
      let info = try check.check(sections.conjuncts[number])
      conjuncts.cells[number] = info
      registers = max(registers, Int(info.registers))
      cells = max(cells, Int(info.arenaCells))
    }
    self.conjuncts = conjuncts
    steps = Step.decode(sections.code)
    registersMax = registers
    arenaCellsMax = cells
    index = ScopeIndex(sections)
    leads = try LeadIndex(
      leads: sections.leads, cases: sections.cases, constants: names.constants.cells)
    usesWholeContext = Program.usesWholeContext(sections.code)
  }

  private static func usesWholeContext(_ code: Cells<Instruction>) -> Bool {
    let context = Operand(.variable, 3).word
    return (0..<code.count).contains { number in
      let instruction = code[number]
      return instruction.first == context || instruction.second == context
    }
  }

  /// The number of policies.
  public var policyCount: Int { sections.policies.count }

  /// The number of top-level context attributes that policies read.
  public var contextSlotCount: Int { sections.contextSlots.count }

  /// The slot of a top-level context attribute, or nil when no policy reads it.
  public func contextSlot(_ name: String) -> ContextSlot? {
    names.contextSlots[Text(name)].map { ContextSlot(index: $0) }
  }

  /// The name of a context slot.
  public func name(of slot: ContextSlot) -> String { names.slots.cells[slot.index].text }

  /// Whether any policy reads an attribute of this name from some entity or record.
  public func readsAttribute(_ name: String) -> Bool {
    names.attributeNumbers[Text(name)] != nil
  }
}

/// A top-level attribute of the context, resolved once per program.
public struct ContextSlot: Sendable, Hashable {
  let index: Int
}
