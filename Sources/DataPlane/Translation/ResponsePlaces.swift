// SPDX-License-Identifier: MIT

internal import Accounts
internal import Bytes
internal import ModelCatalog
internal import Synchronization

/// Where a response is kept: which account's memory, and by which name the model was asked for.
struct ResponsePlace: Equatable, Sendable {
  var model: String
  var gateway: String
  /// Tells the accounts of one gateway apart.
  var account: UInt64

  init(model: String, gateway: String, account: UInt64) {
    self.model = model
    self.gateway = gateway
    self.account = account
  }

  init(model: String, _ deployment: Deployment) {
    self.init(
      model: model, gateway: deployment.gatewayName.string,
      account: Self.account(of: deployment))
  }

  func isAt(_ deployment: Deployment) -> Bool {
    account == Self.account(of: deployment) && deployment.gatewayName.string == gateway
  }

  /// A digest of the account's key (FNV-1a), which outlives a reload and tells nothing of the key.
  private static func account(of deployment: Deployment) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for index in 0..<deployment.apiKey.count {
      hash = (hash ^ UInt64(deployment.apiKey[index])) &* 0x100_0000_01b3
    }
    return hash
  }
}

/// The places of the responses that clients may refer to, for a bounded time and number; the oldest
/// go first. No clock, no lock.
struct ResponsePlaces: Sendable {
  /// What is known of an id.
  enum Finding: Equatable {
    case unknown
    /// Another key's.
    case foreign
    case here(ResponsePlace)
  }

  private struct Entry: Sendable {
    var place: ResponsePlace
    var owner: KeyDigest
    var expiryMilliseconds: Int64
    var serial: UInt64
  }

  private let countMaximum: Int
  private let lifetimeMilliseconds: Int64
  private var entries: [String: Entry] = [:]
  /// In the order they were kept; ids that were kept anew since have a later serial.
  private var order: [(id: String, serial: UInt64)] = []
  private var oldest = 0
  private var serial: UInt64 = 0

  /// Ids that are longer are none of a provider's.
  static let idBytesMaximum = 256

  init(countMaximum: Int = 100_000, lifetimeMilliseconds: Int64 = 86_400_000) {
    self.countMaximum = countMaximum
    self.lifetimeMilliseconds = lifetimeMilliseconds
  }

  var count: Int { entries.count }

  mutating func keep(
    _ id: String, at place: ResponsePlace, owner: KeyDigest, nowMilliseconds: Int64
  ) {
    guard !id.isEmpty, id.utf8.count <= Self.idBytesMaximum else { return }
    serial += 1
    entries[id] = Entry(
      place: place, owner: owner, expiryMilliseconds: nowMilliseconds + lifetimeMilliseconds,
      serial: serial)
    order.append((id, serial))
    trim(nowMilliseconds)
  }

  func find(_ id: String, owner: KeyDigest, nowMilliseconds: Int64) -> Finding {
    guard let entry = entries[id], nowMilliseconds < entry.expiryMilliseconds else {
      return .unknown
    }
    return entry.owner == owner ? .here(entry.place) : .foreign
  }

  private mutating func trim(_ nowMilliseconds: Int64) {
    while oldest < order.count {
      let (id, serial) = order[oldest]
      if let entry = entries[id], entry.serial == serial {
        guard entries.count > countMaximum || entry.expiryMilliseconds <= nowMilliseconds else {
          break
        }
        entries[id] = nil
      }
      oldest += 1
    }
    if oldest > 1_024, oldest > order.count / 2 {
      order.removeFirst(oldest)
      oldest = 0
    }
  }
}

/// The places that all workers share. Only the Responses API touches them.
final class SharedResponses: Sendable {
  private let places = Mutex(ResponsePlaces())

  func keep(_ id: String, at place: ResponsePlace, owner: KeyDigest, nowMilliseconds: Int64) {
    places.withLock {
      $0.keep(id, at: place, owner: owner, nowMilliseconds: nowMilliseconds)
    }
  }

  func find(_ id: String, owner: KeyDigest, nowMilliseconds: Int64) -> ResponsePlaces.Finding {
    places.withLock { $0.find(id, owner: owner, nowMilliseconds: nowMilliseconds) }
  }
}
