// SPDX-License-Identifier: MIT

internal import Accounts

/// Reads the list `keys`. A key's text is hashed at once and not kept.
struct KeysReader {
  let digest: (String) -> KeyDigest
  private(set) var keys: [KeyDescription] = []
  private(set) var models: [(text: String, field: Field)] = []
  private var names: [String: Field] = [:]
  private var digests: [KeyDigest: Field] = [:]

  /// Shorter keys can be guessed.
  static let keyBytesMinimum = 12

  init(digest: @escaping (String) -> KeyDigest) { self.digest = digest }

  mutating func read(_ element: Field) {
    let known = [
      "name", "key", "sha256", "user", "team", "models", "loopback_only", "budget",
      "latency_sla_ms",
    ]
    guard let section = Section(element, keys: known),
      let nameField = section.required("name"), let name = nameField.entityName(),
      let (digest, digestField) = readDigest(section)
    else { return }
    if let first = names.updateValue(nameField, forKey: name) {
      nameField.report(
        "key `\(name)` is defined twice",
        help: "the first is on line \(first.place.line) of \(first.file.path)")
      return
    }
    if let first = digests.updateValue(digestField, forKey: digest) {
      digestField.report(
        "this key is given twice",
        help: "the first is on line \(first.place.line) of \(first.file.path)")
      return
    }
    var key = KeyDescription(digest: digest, name: name, user: name)
    if let value = section["user"]?.entityName() { key.user = value }
    if let value = section["team"]?.entityName() { key.team = value }
    if let value = section["loopback_only"]?.boolean() { key.isLoopbackOnly = value }
    if let field = section["models"] {
      let texts = field.texts()
      if texts.isEmpty, field.isList { field.report("`models` of key `\(name)` is empty") }
      models += texts
      key.allowedModels = texts.map(\.text)
    }
    key.budgetCedarDecimal = section["budget"]?.parsed(
      "USD with at most four fraction digits", Quantity.cedarDecimal)
    key.latencySLAMilliseconds = section["latency_sla_ms"]?.integer(1...86_400_000)
    keys.append(key)
  }

  private func readDigest(_ section: Section) -> (KeyDigest, Field)? {
    if let field = section["sha256"] {
      if let other = section["key"] { other.report("`key` and `sha256` exclude each other") }
      return field.parsed("64 hexadecimal digits", { KeyDigest(hexadecimal: $0) }).map {
        ($0, field)
      }
    }
    guard let field = section["key"] else {
      section.field.report("`key` or `sha256` is missing in `key`")
      return nil
    }
    let form = "a text of at least \(Self.keyBytesMinimum) visible ASCII characters"
    guard let text = field.text(form) else { return nil }
    guard text.utf8.count >= Self.keyBytesMinimum, text.utf8.count <= 512,
      text.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
    else {
      field.report("`key` must be \(form)")
      return nil
    }
    return (digest(text), field)
  }
}
