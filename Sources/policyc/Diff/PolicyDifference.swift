// SPDX-License-Identifier: MIT

import CedarSyntax

/// What changed between two policy sets as they are written, up to layout, comments and order.
/// `a < 1.0` and `a.lessThan(decimal("1.0"))` differ: they differ for longs.
struct PolicyDifference {
  struct Change {
    enum Kind: String {
      case added
      case removed
      case changed
      case renamed
    }

    let kind: Kind
    let name: String
    /// What of it changed: its parts, or its former name.
    let parts: [String]
  }

  private(set) var changes: [Change] = []

  init(old: PolicySet, new: PolicySet) {
    let before = old.policies.map(Item.init)
    let after = new.policies.map(Item.init)
    var places = Places(after)
    // Ids first and then what never had one, so that a rename takes nothing away from them.
    var found = before.map { places.takeByID($0) }
    for (index, item) in before.enumerated() where item.id == nil {
      found[index] = places.takeByContent(item)
    }
    var lost: [Item] = []
    for (index, item) in before.enumerated() {
      if let place = found[index] ?? places.takeByContent(item) ?? places.takeByPlace(item) {
        compare(item, after[place])
      } else {
        lost.append(item)
      }
    }
    changes += lost.map { Change(kind: .removed, name: $0.name, parts: []) }
    changes += after.indices.filter { !places.taken.contains($0) }.map {
      Change(kind: .added, name: after[$0].name, parts: [])
    }
    compare(links: old.links, new.links)
  }

  /// Where policies are found again: by `@id`, else by content, else by place.
  private struct Places {
    private var ofID: [String: Int] = [:]
    private var ofContent: [[String]: [Int]] = [:]
    private var ofPlace: [String: Int] = [:]
    private(set) var taken: Set<Int> = []

    init(_ items: [Item]) {
      for (place, item) in items.enumerated().reversed() {
        if let id = item.id { ofID[id] = place } else { ofPlace[item.name] = place }
        ofContent[item.content, default: []].append(place)
      }
    }

    mutating func takeByID(_ item: Item) -> Int? {
      guard let id = item.id, let place = ofID[id], taken.insert(place).inserted else {
        return nil
      }
      return place
    }

    /// What has no id and is neither found by content counts as changed at its place.
    mutating func takeByPlace(_ item: Item) -> Int? {
      guard item.id == nil, let place = ofPlace[item.name], taken.insert(place).inserted else {
        return nil
      }
      return place
    }

    mutating func takeByContent(_ item: Item) -> Int? {
      while let place = ofContent[item.content]?.popLast() {
        if taken.insert(place).inserted { return place }
      }
      return nil
    }
  }

  private mutating func compare(_ old: Item, _ new: Item) {
    if old.id != new.id {
      changes.append(Change(kind: .renamed, name: new.name, parts: [old.name]))
    }
    let parts = zip(old.parts, new.parts).filter { $0.text != $1.text }.map(\.0.title)
    if !parts.isEmpty { changes.append(Change(kind: .changed, name: new.name, parts: parts)) }
  }

  private mutating func compare(links old: [TemplateLink], _ new: [TemplateLink]) {
    for link in old where !new.contains(where: { CedarText.equal($0.id, link.id) }) {
      changes.append(Change(kind: .removed, name: link.id, parts: []))
    }
    for link in new {
      guard let former = old.first(where: { CedarText.equal($0.id, link.id) }) else {
        changes.append(Change(kind: .added, name: link.id, parts: []))
        continue
      }
      if former.templateID != link.templateID || former.values != link.values {
        changes.append(Change(kind: .changed, name: link.id, parts: ["link"]))
      }
    }
  }

  /// A policy taken apart into what is compared.
  private struct Item {
    let id: String?
    let name: String
    let parts: [(title: String, text: String)]

    init(_ policy: Policy) {
      let plain = policy.desugared()
      id = policy.annotation("id")?.text
      name = id ?? policy.id
      var scope = plain
      scope.annotations = []
      scope.conditions = []
      scope.effect = .permit
      let annotations = plain.annotations.filter { $0.key != "id" }
        .map { "\($0.key)=\(CedarText.quoted($0.text))" }.sorted()
      parts = [
        ("effect", plain.effect.rawValue), ("scope", scope.cedarText),
        (
          "conditions",
          policy.conditions.map { "\($0.kind.rawValue) \($0.body.cedarText)" }
            .joined(separator: "\n")
        ), ("annotations", annotations.joined(separator: "\n")),
      ]
    }

    var content: [String] { parts.map(\.text) }
  }

  // MARK: text

  var text: String {
    changes.map { change in
      switch change.kind {
      case .added: "+ \(change.name)\n"
      case .removed: "- \(change.name)\n"
      case .changed: "~ \(change.name): \(change.parts.joined(separator: ", "))\n"
      case .renamed: "~ \(change.name): was named \(change.parts.joined())\n"
      }
    }.joined()
  }

  var json: CedarJSON {
    .array(
      changes.map { change in
        .members(
          ("kind", .string(change.kind.rawValue)), ("policy", .string(change.name)),
          ("parts", .array(change.parts.map { .string($0) })))
      })
  }
}
