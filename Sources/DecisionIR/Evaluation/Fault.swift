// SPDX-License-Identifier: MIT

/// Why an evaluation has no value; plain, so that raising one costs nothing. `FaultText` words it.
struct Fault: BitwiseCopyable, Sendable {
  enum Code: UInt8, Sendable {
    case none
    /// `first` is not of the kind in `detail` (an `Expected`).
    case type
    /// `detail` is 0 add, 1 subtract, 2 multiply, 3 negate.
    case overflow
    /// `first` lacks attribute number `detail`.
    case attribute
    /// The context lacks slot number `detail`.
    case context
    /// Entity `first` does not exist.
    case entity
    /// Entity `first` lacks tag `second`.
    case tag
    /// `detail` is an `ExtensionFault`.
    case `extension`
  }

  var code: Code
  var detail: UInt32
  var first: Value
  var second: Value

  static var none: Fault { Fault(code: .none, detail: 0, first: .none, second: .none) }
}

/// What an operation wanted.
enum Expected: UInt32, Sendable {
  case bool
  case long
  case string
  case set
  case entity
  case record
  case decimal
  case ip
  case datetime
  case duration
  case comparable
  case entityOrSet
  case entityOrRecord
  case longOrDecimal

  var text: String {
    switch self {
    case .bool: "bool"
    case .long: "long"
    case .string: "string"
    case .set: "set"
    case .entity: "(entity of type `any_entity_type`)"
    case .record: "record"
    case .decimal: "decimal"
    case .ip: "ipaddr"
    case .datetime: "datetime"
    case .duration: "duration"
    case .comparable: "one of [long, datetime, duration]"
    case .entityOrSet: "one of [set, (entity of type `any_entity_type`)]"
    case .entityOrRecord: "one of [record, (entity of type `any_entity_type`)]"
    case .longOrDecimal: "one of [long, decimal]"
    }
  }
}
