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
  private let taken: Set<String>
  private let placed: Set<String>
  /// By our names.
  public private(set) var entries: [String: Entry] = [:]
  /// Models of the last list that were left out: too many, or no good name.
  public private(set) var ignoredCount = 0
  private var seen: Set<String> = []

  /// What the configuration says counts more than any list.
  ///
  /// - Parameters:
  ///   - taken: names that requests can use without any list, `CatalogDescription.takenNames`.
  ///   - placed: the upstream's names of models that the configuration has there.
  public init(
    _ settings: DiscoverySettings, taken: Set<String> = [], placed: Set<String> = []
  ) {
    self.settings = settings
    self.taken = taken
    self.placed = Set(placed.map(ModelDiscovery.canonical))
  }

  /// A whole list.
  public mutating func take(
    _ listed: [ListedModel], nowMilliseconds now: Int64
  ) -> Changes {
    var changes = expire(nowMilliseconds: now)
    var present: [String: ListedModel] = [:]
    ignoredCount = 0
    for model in listed where isWanted(model) {
      let canonical = ModelDiscovery.canonical(model.name)
      let name = settings.prefix + canonical
      guard present[name] == nil, !taken.contains(name), !placed.contains(canonical)
      else { continue }
      guard present.count < settings.modelsMaximum, CatalogLimits.isName(name),
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
