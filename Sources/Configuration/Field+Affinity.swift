// SPDX-License-Identifier: MIT

internal import ModelCatalog

extension Field {
  /// `session`, `prefix`, `none`, or a list of the first two.
  func affinityKeys() -> AffinityKeys? {
    let names = AffinityKeys.named.map(\.name)
    var keys: AffinityKeys = []
    if isList {
      for element in list() {
        guard let name = element.choice(names) else { return nil }
        keys.formUnion(Self.keys(name))
      }
      return keys
    }
    return choice(names + ["none"]).map(Self.keys)
  }

  private static func keys(_ name: String) -> AffinityKeys {
    AffinityKeys.named.first { $0.name == name }?.keys ?? []
  }

  /// `routing.affinity`: what `affinityKeys` reads, or a mapping with it under `by`.
  func affinity() -> AffinityDescription {
    var affinity = AffinityDescription()
    guard isMapping else {
      affinity.keys = affinityKeys() ?? []
      return affinity
    }
    guard let section = Section(self, keys: ["by", "header", "prefix"]) else { return affinity }
    affinity.keys = section["by"]?.affinityKeys() ?? []
    let form = "a header's name: letters, digits and `-`"
    if let header = section["header"]?.parsed(form, Self.headerName) { affinity.header = header }
    section.set(
      &affinity.prefixBytes, "prefix", bytes: AffinityDescription.prefixBytesRange)
    return affinity
  }

  private static func headerName(_ text: String) -> String? {
    let name = text.lowercased()
    let isGood = name.utf8.allSatisfy {
      (0x30...0x39).contains($0) || (0x61...0x7a).contains($0) || $0 == 0x2d || $0 == 0x5f
    }
    return isGood && (1...128).contains(name.utf8.count) ? name : nil
  }
}
