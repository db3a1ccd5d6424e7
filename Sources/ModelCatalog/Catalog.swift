// SPDX-License-Identifier: MIT

public import Bytes

/// Every model, price, group and deployment of one configuration, immutable. A request holds one
/// catalogue from start to end; a reload makes a new one.
///
/// Rows are plain values in tables that are read without reference counting. Views inside rows
/// live as long as the catalogue.
public final class Catalog: Sendable {
  private let arena: TextArena
  @usableFromInline let models: FrozenTable<Model>
  /// In rows of their own, lest ranking copies them.
  @usableFromInline let tariffs: FrozenTable<Tariff>
  private let unitPrices: FrozenTable<UnitPrices>
  @usableFromInline let groups: FrozenTable<ModelGroup>
  @usableFromInline let groupMembers: FrozenTable<ModelIndex>
  @usableFromInline let providers: FrozenTable<Provider>
  @usableFromInline let gateways: FrozenTable<Gateway>
  @usableFromInline let deployments: FrozenTable<Deployment>
  private let names: NameTable
  let patterns: FrozenTable<NamePattern>
  /// Models with names of their own; behind them are the patterns, the most specific first.
  public let namedModelCount: Int

  /// The strategy of requests whose policy and group name none.
  public let defaultStrategy: RoutingStrategy
  /// By what requests are kept together.
  public let affinity: AffinityRow

  /// - Parameter scriptedEndpoint: where the built-in scripted provider listens; needed when
  ///   `description.needsScriptedProvider`.
  public init(
    _ description: CatalogDescription, scriptedEndpoint: BaseURL? = nil
  )
    throws(CatalogError)
  {
    let rows = try CatalogBuilder.build(description, scriptedEndpoint: scriptedEndpoint)
    arena = rows.arena
    models = FrozenTable(rows.models)
    tariffs = FrozenTable(rows.tariffs)
    unitPrices = FrozenTable(rows.unitPrices)
    groups = FrozenTable(rows.groups)
    groupMembers = FrozenTable(rows.groupMembers)
    providers = FrozenTable(rows.providers)
    gateways = FrozenTable(rows.gateways)
    deployments = FrozenTable(rows.deployments)
    names = NameTable(
      rows.models.prefix(rows.namedModelCount).map { ($0.name, .model($0.index)) }
        + rows.groups.map { ($0.name, .group($0.index)) })
    patterns = FrozenTable(rows.patterns)
    namedModelCount = rows.namedModelCount
    defaultStrategy = description.defaultStrategy
    let keys = description.affinity.keys
    affinity = AffinityRow(
      keys: keys,
      used: description.groups.reduce(keys) { $0.union($1.affinity ?? []) },
      header: rows.arena.intern(description.affinity.header),
      prefixBytes: Int(description.affinity.prefixBytes))
  }

  deinit {
    models.deallocate()
    tariffs.deallocate()
    unitPrices.deallocate()
    groups.deallocate()
    groupMembers.deallocate()
    providers.deallocate()
    gateways.deallocate()
    deployments.deallocate()
    names.deallocate()
    patterns.deallocate()
  }

  @inlinable public var modelCount: Int { models.count }
  @inlinable public var groupCount: Int { groups.count }
  @inlinable public var providerCount: Int { providers.count }
  @inlinable public var gatewayCount: Int { gateways.count }
  @inlinable public var deploymentCount: Int { deployments.count }

  @inlinable public func model(_ index: ModelIndex) -> Model { models[Int(index.rawValue)] }
  /// What `tokens` of a model cost.
  @inlinable public func cost(
    of tokens: TokenBuckets, model index: ModelIndex, tier: ServiceTier
  ) -> Money {
    tariffs[Int(index.rawValue)].cost(of: tokens, tier: tier)
  }

  /// What other units than tokens cost at a model.
  public func unitPrices(_ index: ModelIndex) -> UnitPrices { unitPrices[Int(index.rawValue)] }

  @inlinable public func group(_ index: GroupIndex) -> ModelGroup { groups[Int(index.rawValue)] }
  @inlinable public func provider(_ index: ProviderIndex) -> Provider {
    providers[Int(index.rawValue)]
  }
  @inlinable public func gateway(_ index: GatewayIndex) -> Gateway { gateways[Int(index.rawValue)] }
  @inlinable public func deployment(_ index: DeploymentIndex) -> Deployment {
    deployments[Int(index.rawValue)]
  }

  /// The model at `position`, one of `ModelGroup.members`.
  @inlinable public func groupMember(_ position: Int) -> ModelIndex { groupMembers[position] }

  /// What `name` stands for: a model or group by its exact name, or a model by
  /// `provider/model`. Allocates nothing.
  public func lookup(_ name: ByteView) -> CatalogName? {
    if name.count > CatalogLimits.nameBytesMaximum { return nil }
    if let found = names.find(name) { return found }
    guard let slash = name.firstIndex(of: UInt8(ascii: "/")),
      case .model(let index)? = names.find(name[slash + 1..<name.count]),
      provider(model(index).provider).name.equals(name[0..<slash])
    else { return nil }
    return .model(index)
  }

  /// The model called `name`, exactly or as `provider/model`. Allocates nothing.
  public func model(named name: ByteView) -> ModelIndex? {
    guard case .model(let index)? = lookup(name) else { return nil }
    return index
  }

  /// The group or alias called `name`. Allocates nothing.
  public func group(named name: ByteView) -> GroupIndex? {
    guard case .group(let index)? = lookup(name) else { return nil }
    return index
  }

  /// The groups that `model` belongs to, aliases left out. Allocates: for building snapshots.
  public func groups(of model: ModelIndex) -> [GroupIndex] {
    groups.indices.map { groups[$0] }.filter { group in
      !group.isAlias && group.members.contains { groupMembers[$0] == model }
    }.map(\.index)
  }

  /// Names near to an unknown one, for `model_not_found`. Allocates: for the error path.
  ///
  /// - Parameter isKnown: whether a model may be named to who asks; of groups, whether one of their
  ///   members may.
  public func nearestNames(
    to name: ByteView, where isKnown: (ModelIndex) -> Bool = { _ in true }
  ) -> [String] {
    let wanted = name.prefix(CatalogLimits.nameBytesMaximum).string
    let named = models.indices.prefix(namedModelCount).filter {
      isKnown(ModelIndex(rawValue: UInt16($0)))
    }
    let known = groups.indices.filter {
      groups[$0].members.contains { isKnown(groupMember($0)) }
    }
    return NearestNames.find(
      wanted,
      in: named.map { models[$0].name.string } + known.map { groups[$0].name.string })
  }
}
