// SPDX-License-Identifier: MIT

/// A mapping whose keys are known: every other key is reported, with the one that was meant.
struct Section {
  let field: Field
  private let values: [String: (key: Node, value: Node)]

  /// Nil, and a report, when the field is not a mapping.
  init?(_ field: Field, keys: [String]) {
    guard case .mapping(let pairs, _) = field.node else {
      field.report("`\(field.name)` must be a mapping, found \(field.kind)")
      return nil
    }
    self.field = field
    var values: [String: (key: Node, value: Node)] = [:]
    for (key, value) in pairs {
      guard case .scalar(let scalar) = key else {
        field.reading.report("a key must be a text", at: key.place, in: field.file)
        continue
      }
      if keys.contains(scalar.string) {
        values[scalar.string] = (key, value)
      } else {
        var help = Reading.suggestion(for: scalar.string, among: keys)
        if help.isEmpty {
          help = "known here: " + keys.map { "`\($0)`" }.joined(separator: ", ")
        }
        let isSecret = field.file.secrets?.begin(at: key.place) ?? true
        let shown = isSecret ? "" : " `\(Field.shown(scalar.string, countMaximum: 80))`"
        field.reading.report(
          "unknown key\(shown) in `\(field.name)`", help: help, at: key.place,
          in: field.file)
      }
    }
    self.values = values
  }

  /// The field under `key`; nil when the key is absent.
  subscript(key: String) -> Field? {
    values[key].map {
      Field(node: $0.value, file: field.file, reading: field.reading, name: key)
    }
  }

  /// The field under `key`, or a report at the section's place.
  func required(_ key: String) -> Field? {
    if let found = self[key] { return found }
    field.report("`\(key)` is missing in `\(field.name)`")
    return nil
  }

  func set(_ target: inout Int64, _ key: String, integer range: ClosedRange<Int64>) {
    if let value = self[key]?.integer(range) { target = value }
  }

  func set(_ target: inout Int64, _ key: String, milliseconds range: ClosedRange<Int64>) {
    let form = Quantity.durationForm
    guard let field = self[key], let value = field.parsed(form, Quantity.milliseconds) else {
      return
    }
    guard range.contains(value) else {
      field.report(
        "`\(key)` must be from \(range.lowerBound) ms to \(range.upperBound) ms, found \(value) ms")
      return
    }
    target = value
  }

  func set(_ target: inout Int64, _ key: String, bytes range: ClosedRange<Int64>) {
    guard let field = self[key], let value = field.parsed(Quantity.sizeForm, Quantity.bytes) else {
      return
    }
    guard range.contains(value) else {
      field.report(
        "`\(key)` must be from \(range.lowerBound) B to \(range.upperBound) B, found \(value) B")
      return
    }
    target = value
  }

  func set(_ target: inout Int64, _ key: String, thousandths form: String) {
    if let value = self[key]?.parsed(form, Quantity.thousandths) { target = value }
  }
}
