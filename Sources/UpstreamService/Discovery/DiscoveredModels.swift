// SPDX-License-Identifier: MIT

public import ModelCatalog

/// What one upstream's lists have brought in so far. Pure: time is an argument.
///
/// Valid transitions of a model
/// - unknown → served when it is listed; → vanished when it is not
/// - vanished → served when it is listed again; → forgotten when the grace is over
public struct DiscoveredModels: Sendable {
  public struct Entry: Hashable, Sendable {
    public var listed: ListedModel
    /// When a list first left it out; nil while it is listed.
    public var vanishedAtMilliseconds: Int64?
  }

  /// What a list, or time, has changed: our names, sorted.
  public struct Changes: Hashable, Sendable {
    public var added: [String] = []
    public var vanished: [String] = []
    public var returned: [String] = []
    public var removed: [String] = []
    /// It can do more or less than before.
    public var altered: [String] = []

    public init() {}

    public var isEmpty: Bool {
      added.isEmpty && vanished.isEmpty && returned.isEmpty && removed.isEmpty && altered.isEmpty
    }
  }

  /// Names that one upstream may bring in over the gateway's life: what is known of a deployment
  /// is kept for ever, so lists of ever new names must not go on for ever.
  public static let namesMaximum = 4_000

  private let settings: DiscoverySettings
  /// By our names.
  public private(set) var entries: [String: Entry] = [:]
  /// Models of the last list that were left out: too many, or no good name.
  public private(set) var ignoredCount = 0
  private var seen: Set<String> = []

  public init(_ settings: DiscoverySettings) { self.settings = settings }

  /// A whole list.
  ///
  /// - Parameter isConfigured: whether the configuration has a model of this name here, or a name
  ///   like ours: it counts more than the list.
  public mutating func take(
    _ listed: [ListedModel], nowMilliseconds now: Int64,
    isConfigured: (_ listed: String, _ ours: String) -> Bool
  ) -> Changes {
    var changes = expire(nowMilliseconds: now)
    var present: [String: ListedModel] = [:]
    ignoredCount = 0
    for model in listed where isWanted(model) {
      let name = settings.prefix + ModelDiscovery.canonical(model.name)
      guard present[name] == nil, !isConfigured(model.name, name) else { continue }
      guard present.count < settings.modelsMaximum, Self.isName(name),
        seen.contains(name) || seen.count < Self.namesMaximum
      else {
        ignoredCount += 1
        continue
      }
      seen.insert(name)
      present[name] = model
    }
    for (name, model) in present {
      if let known = entries[name] {
        if known.vanishedAtMilliseconds != nil {
          changes.returned.append(name)
        } else if known.listed != model {
          changes.altered.append(name)
        }
      } else {
        changes.added.append(name)
      }
      entries[name] = Entry(listed: model)
    }
    for (name, entry) in entries where present[name] == nil && entry.vanishedAtMilliseconds == nil {
      entries[name]?.vanishedAtMilliseconds = now
      changes.vanished.append(name)
    }
    // Without a grace they are gone at once.
    if settings.graceMilliseconds == 0 {
      changes.removed += expire(nowMilliseconds: now).removed
    }
    return changes.sorted
  }

  /// Forgets those whose grace is over.
  public mutating func expire(nowMilliseconds now: Int64) -> Changes {
    var changes = Changes()
    for (name, entry) in entries {
      guard let since = entry.vanishedAtMilliseconds, now - since >= settings.graceMilliseconds
      else { continue }
      entries[name] = nil
      changes.removed.append(name)
    }
    return changes.sorted
  }

  /// When the next grace is over; nil where none runs.
  public var nextExpiryMilliseconds: Int64? {
    entries.values.compactMap(\.vanishedAtMilliseconds).min().map {
      $0 + settings.graceMilliseconds
    }
  }

  private func isWanted(_ model: ListedModel) -> Bool {
    settings.patterns.contains { Glob.matches(pattern: $0, name: model.name) }
  }

  /// Whether the configuration could have the name.
  private static func isName(_ text: String) -> Bool {
    (1...CatalogLimits.nameBytesMaximum).contains(text.utf8.count)
      && text.utf8.allSatisfy {
        (0x21...0x7e).contains($0) && ![0x22, 0x27, 0x2a, 0x5c, 0x60].contains($0)
      }
  }
}

extension DiscoveredModels.Changes {
  fileprivate var sorted: Self {
    var result = self
    result.added.sort()
    result.vanished.sort()
    result.returned.sort()
    result.removed.sort()
    result.altered.sort()
    return result
  }
}
