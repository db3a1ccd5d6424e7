// SPDX-License-Identifier: MIT

internal import ModelCatalog

extension Field {
  /// The same value, called otherwise in messages.
  func named(_ name: String) -> Field {
    Field(node: node, file: file, reading: reading, name: name)
  }

  var isList: Bool {
    guard case .sequence = node else { return false }
    return true
  }

  var isMapping: Bool {
    guard case .mapping = node else { return false }
    return true
  }

  var isText: Bool {
    guard case .scalar = node else { return false }
    return !isNull
  }

  /// The value under `key` of a mapping called `owner`, or a report.
  func member(_ key: String, of owner: String) -> Field? {
    guard case .mapping(let pairs, _) = node else {
      report("`\(owner)` must be a name or a mapping, found \(kind)")
      return nil
    }
    for (name, value) in pairs {
      guard case .scalar(let scalar) = name, scalar.string == key else { continue }
      return Field(node: value, file: file, reading: reading, name: key)
    }
    report("`\(key)` is missing in `\(owner)`")
    return nil
  }

  func hasKey(_ key: String) -> Bool {
    guard case .mapping(let pairs, _) = node else { return false }
    return pairs.contains { pair in
      guard case .scalar(let scalar) = pair.key else { return false }
      return scalar.string == key
    }
  }

  /// The pairs of a mapping in the order of the file.
  func entries() -> [(name: (text: String, field: Field), value: Field)] {
    guard case .mapping(let pairs, _) = node else {
      report("`\(name)` must be a mapping, found \(kind)")
      return []
    }
    return pairs.compactMap { key, value in
      let keyField = Field(node: key, file: file, reading: reading, name: name)
      guard case .scalar(let scalar) = key, !scalar.string.isEmpty else {
        keyField.report("a key must be a text")
        return nil
      }
      let shown = keyField.isSecret ? "…" : scalar.string
      let valueField = Field(node: value, file: file, reading: reading, name: shown)
      return ((scalar.string, keyField), valueField)
    }
  }

  /// A name of something: visible ASCII, no quotes, backslashes or `*`, of bounded length.
  func entityName() -> String? {
    let form = "a name of 1 to \(CatalogLimits.nameBytesMaximum) visible ASCII characters"
    return parsed(form + " without quotes, backslash or `*`") { text in
      CatalogLimits.isName(text) ? text : nil
    }
  }

  /// Also by the names that other gateways give two of them.
  func strategy() -> RoutingStrategy? {
    if case .scalar(let scalar) = node {
      if scalar.string == "priority" { return .order }
      if scalar.string == "least-latency" { return .latency }
    }
    return choice(RoutingStrategy.allCases.map(\.name)).flatMap { RoutingStrategy(name: $0) }
  }
}
