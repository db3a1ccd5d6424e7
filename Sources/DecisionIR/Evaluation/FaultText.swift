// SPDX-License-Identifier: MIT

/// Words faults, in lower case and with the user's values in backticks.
struct FaultText {
  let store: EntityStore
  let unknownNames: [EntityName]

  static let notBool = "type error: expected bool"

  func text(_ fault: Fault) -> String {
    switch fault.code {
    case .none: return "evaluation failed"
    case .type:
      let expected = Expected(rawValue: fault.detail)?.text ?? "another type"
      return "type error: expected \(expected), got \(kindText(fault.first))"
    case .overflow: return overflow(fault)
    case .attribute:
      let name = store.program.names.attributes.cells[Int(fault.detail)].text
      guard fault.first.isKind(.entity) else {
        return "record does not have the attribute `\(name)`"
      }
      return "`\(entityText(fault.first))` does not have the attribute `\(name)`"
    case .context:
      let name = store.program.names.slots.cells[Int(fault.detail)].text
      return "the context does not have the attribute `\(name)`"
    case .entity: return "entity `\(entityText(fault.first))` does not exist"
    case .tag:
      return "`\(entityText(fault.first))` does not have the tag `\(fault.second.text)`"
    case .extension:
      let reason = ExtensionFault(rawValue: UInt8(truncatingIfNeeded: fault.detail))
      return "error while evaluating an extension function: \(reason?.message ?? "unknown")"
    }
  }

  private func overflow(_ fault: Fault) -> String {
    let left = fault.first.number
    let right = fault.second.number
    switch fault.detail {
    case 0: return "integer overflow while attempting to add the values `\(left)` and `\(right)`"
    case 1:
      return "integer overflow while attempting to subtract the values `\(left)` and `\(right)`"
    case 2:
      return "integer overflow while attempting to multiply the values `\(left)` and `\(right)`"
    default: return "integer overflow while attempting to negate the value `\(left)`"
    }
  }

  private func kindText(_ value: Value) -> String {
    switch value.kind {
    case .none: "nothing"
    case .bool: "bool"
    case .long: "long"
    case .string: "string"
    case .entity: "(entity of type `\(entityName(value)?.type ?? "unknown")`)"
    case .set: "set"
    case .record: "record"
    case .decimal: "decimal"
    case .ip: "ipaddr"
    case .datetime: "datetime"
    case .duration: "duration"
    }
  }

  private func entityText(_ value: Value) -> String {
    entityName(value)?.description ?? "an entity of the request"
  }

  func entityName(_ value: Value) -> EntityName? {
    let id = value.entityID
    if id >= EntityView.localBase {
      let place = Int(id - EntityView.localBase)
      return place < unknownNames.count ? unknownNames[place] : nil
    }
    return Int(id) < store.names.count ? store.names[Int(id)] : nil
  }
}
