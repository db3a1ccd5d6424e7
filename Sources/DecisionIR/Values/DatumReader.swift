// SPDX-License-Identifier: MIT

/// Makes owned data of borrowed values. Recursion is bounded by the nesting of values.
struct DatumReader {
  let entityName: (Value) -> EntityName?

  func datum(_ value: Value) -> Datum {
    switch value.kind {
    case .none: return .bool(false)
    case .bool: return .bool(value.flag)
    case .long: return .long(value.number)
    case .string: return .text(value.text)
    case .decimal: return .decimal(value.number)
    case .datetime: return .datetime(value.number)
    case .duration: return .duration(value.number)
    case .ip: return .ip(value.range)
    case .entity:
      return .entity(entityName(value) ?? EntityName(type: "Unknown", id: ""))
    case .set:
      let elements = value.elements
      return .set(Set((0..<elements.count).map { datum(elements[$0]) }))
    case .record:
      let fields = value.fields
      var result: [Text: Datum] = [:]
      for place in stride(from: 0, to: fields.count, by: 2) {
        result[Text(fields[place].text)] = datum(fields[place + 1])
      }
      return .record(result)
    }
  }
}
