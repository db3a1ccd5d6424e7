// SPDX-License-Identifier: MIT

/// Encodes requests given as JSON text, one after the other, into the same memory.
///
/// It knows the plain forms: `{"principal", "action", "resource", "context"}`, entities as
/// `{"type", "id"}` or source text, values as `ValueReader` of the compiler describes them. What
/// is wrong or rare (a null, a fraction, a key given twice, an odd type name, a value that is very
/// large) it leaves to the general reader, which finds the words for errors.
///
/// By the rules of a schema it takes values without their escapes where a type is declared, and,
/// where requests are validated, only what the rules allow.
///
/// SAFETY: the request and the text that it borrows are good until the next call; the cells are
/// the decoder's own.
@safe
public final class RequestDecoder {
  /// Most values in containers, and most values in containers that are still open.
  static let valuesMax = 4096
  /// Most bytes of strings with escapes.
  static let scratchMax = 1 << 16
  /// Most entities that the store does not know.
  static let localsMax = 16

  private let store: EntityStore
  private let request: AuthorizationRequest
  private let rules: RuleTables?
  private let arena = Storage<Value>(repeating: .none, count: RequestDecoder.valuesMax)
  private let stack = Storage<Value>(repeating: .none, count: RequestDecoder.valuesMax)
  private let scratch = Storage<UInt8>(repeating: 0, count: RequestDecoder.scratchMax)
  private let locals = Storage<LocalEntity>(
    repeating: LocalEntity(typeName: .none, id: .none), count: RequestDecoder.localsMax)
  /// Keys of principals and resources that the store does not know: any, and their type.
  private let principalKeys = Storage<UInt32>(repeating: 0, count: 2)
  private let resourceKeys = Storage<UInt32>(repeating: 0, count: 2)
  /// By action number.
  private var actionBits: [UInt32: Storage<UInt64>] = [:]
  private var unknownActionBits: Storage<UInt64>?

  /// - Parameters:
  ///   - rules: of the schema by which requests are read.
  ///   - isValidated: whether a request must be one that the rules allow.
  public init(store: EntityStore, rules: RequestRules? = nil, isValidated: Bool = true) {
    self.store = store
    self.rules = rules.map { RuleTables($0, store, isValidated: isValidated) }
    request = AuthorizationRequest(store: store)
  }

  /// The request that the text says, or nil when the general reader must be asked.
  ///
  /// - Parameter text: must stay as it is as long as the request is used.
  public func decode(_ text: UnsafeRawBufferPointer) -> AuthorizationRequest? {
    guard let start = text.baseAddress else { return nil }
    let base = unsafe UnsafeMutablePointer(
      mutating: start.assumingMemoryBound(to: UInt8.self))
    let bytes = unsafe Cells(base: base, count: text.count)
    request.context.clear()
    let program = store.program
    var reading = RequestReading(
      cursor: JSONCursor(bytes, scratch: scratch.cells), directory: store.directory.view,
      slotNames: program.names.slots.cells, slots: request.context.slots.cells,
      keepsWholeContext: program.usesWholeContext, arena: arena.cells, stack: stack.cells,
      locals: locals.cells, rules: rules?.view ?? .none)
    guard reading.run() else { return nil }
    let principal = view(reading.principal)
    let resource = view(reading.resource)
    let action = view(reading.action)
    request.context.record = reading.wholeContext
    request.parts = RequestParts(
      principal: principal, action: action, resource: resource,
      principalKeys: keys(principal, store.principalKeys, program.index.principal, principalKeys),
      resourceKeys: keys(resource, store.resourceKeys, program.index.resource, resourceKeys),
      actionBits: bits(of: action))
    if reading.localCount > 0 || !request.unknownNames.isEmpty {
      request.unknownNames = (0..<reading.localCount).map { place in
        let local = locals.cells[place]
        return EntityName(type: local.typeName.text, id: local.id.text)
      }
    }
    return request
  }

  private func view(_ entity: Value) -> EntityView {
    let id = entity.entityID
    if Int(id) < store.views.cells.count { return store.views.cells[Int(id)] }
    return .unknown(id: id, type: entity.entityType)
  }

  private func keys(
    _ view: EntityView, _ lists: KeyLists, _ lookup: KeyLookup, _ own: Storage<UInt32>
  ) -> Cells<UInt32> {
    if view.id < EntityView.localBase { return lists.keys(of: view.id) }
    let type = Int(view.type)
    let key = type < lookup.ofType.cells.count ? lookup.ofType.cells[type] : ImageFormat.absent
    guard key != ImageFormat.absent else { return own.cells.slice(0, 1) }
    own.cells[1] = key
    return own.cells
  }

  private func bits(of action: EntityView) -> Cells<UInt64> {
    if let known = actionBits[action.id] { return known.cells }
    let bits = ActionBits.bits(of: action, store.program.sections)
    if action.id < EntityView.localBase {
      actionBits[action.id] = bits
    } else {
      unknownActionBits = bits
    }
    return bits.cells
  }
}

/// An entity of a request that the store does not know, by the text of the request.
struct LocalEntity: BitwiseCopyable {
  var typeName: Value
  var id: Value
}
