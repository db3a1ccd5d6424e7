// SPDX-License-Identifier: MIT

import Bytes
import ModelCatalog
import TestSupport
import Testing

@testable import Routing

@Suite("Affinity")
struct AffinityTests {
  /// `ada` behind as many keys as there are weights.
  private func world(_ weights: [UInt32], _ keys: AffinityKeys = .session) -> World {
    var world = World()
    world.description.affinity.keys = keys
    world.description.deployments.removeAll { $0.model == "ada" }
    world.description.deployments += weights.enumerated().map { position, weight in
      DeploymentDescription(
        model: "ada", gateway: "gw", apiKey: "key-\(position)", weight: weight)
    }
    return world
  }

  private func hash(_ text: String) -> UInt64 { text.withByteView { AffinityHash.of($0) } }

  /// The key of the deployment that is first for a session.
  private func chosen(
    _ tester: Tester, session: Int, random: UInt64 = 0, now: Int64 = 0
  ) -> String {
    let answer = tester.route("ada", now: now) {
      $0.sessionHash = hash("session-\(session)")
      $0.random = random
    }
    let catalog = tester.router.snapshot.catalog
    return catalog.deployment(answer.plan.attempt(0).deployment).apiKey.string
  }

  @Test("a session stays where it is, whatever is drawn for others")
  func stays() throws {
    let tester = try world([1, 1, 1, 1]).router()
    for session in 0..<20 {
      let first = chosen(tester, session: session)
      for random in 1...100 {
        #expect(chosen(tester, session: session, random: UInt64(random) &* 77_777) == first)
      }
    }
  }

  @Test("sessions are spread by weight", arguments: [[1, 1, 1, 1], [1, 2, 3, 4], [10, 1]])
  func spread(weights: [UInt32]) throws {
    let tester = try world(weights).router()
    var counts = [String: Double]()
    let sessions = 2_000
    for session in 0..<sessions { counts[chosen(tester, session: session), default: 0] += 1 }
    let total = Double(weights.reduce(0, +))
    var chiSquare = 0.0
    for (position, weight) in weights.enumerated() {
      let wanted = Double(sessions) * Double(weight) / total
      let difference = (counts["key-\(position)"] ?? 0) - wanted
      chiSquare += difference * difference / wanted
    }
    // Beyond this lies one in a thousand with three degrees of freedom.
    #expect(chiSquare < 16.3, "\(counts)")
  }

  @Test("a deployment that is taken away moves only its own sessions")
  func removal() throws {
    let before = try world([1, 2, 3, 4]).router()
    var smaller = world([1, 2, 3, 4])
    smaller.description.deployments.removeAll { $0.apiKey == "key-1" }
    let after = try smaller.router()
    var moved = 0
    for session in 0..<1_000 {
      let first = chosen(before, session: session)
      let second = chosen(after, session: session)
      if first == "key-1" {
        moved += 1
        #expect(second != "key-1")
      } else {
        #expect(second == first)
      }
    }
    #expect((140...260).contains(moved), "a fifth: \(moved)")
  }

  @Test("while its deployment is open a session goes elsewhere, and comes back")
  func failover() throws {
    let tester = try world([1, 1, 1]).router()
    let first = tester.router.snapshot.catalog.deployment(
      DeploymentIndex(
        rawValue: tester.router.snapshot.catalog.model(ModelIndex(rawValue: 0)).firstDeployment))
    let own = first.apiKey.string
    let sessions = (0..<60).filter { chosen(tester, session: $0) == own }
    #expect(!sessions.isEmpty)
    tester.open("ada", until: 1_000)
    var elsewhere: Set<String> = []
    for session in sessions {
      let other = chosen(tester, session: session, now: 10)
      #expect(other != own && other == chosen(tester, session: session, random: 9, now: 20))
      elsewhere.insert(other)
    }
    #expect(elsewhere.count == 2, "its sessions are spread over the others")
    let away = tester.route("ada", now: 20) { $0.sessionHash = hash("session-\(sessions[0])") }
    #expect(away.plan.affinity == .session && away.plan.isAffinityMoved)
    for session in sessions { #expect(chosen(tester, session: session, now: 2_000) == own) }
    let home = tester.route("ada", now: 2_000) { $0.sessionHash = hash("session-\(sessions[0])") }
    #expect(home.plan.affinity == .session && !home.plan.isAffinityMoved)
  }

  @Test("a session whose model is open is moved to another, and that is said")
  func movedAmongModels() throws {
    var world = World()
    world.description.groups[0].affinity = .session
    let tester = try world.router()
    func plan(_ session: Int, now: Int64) -> RoutePlan {
      tester.route("smart", now: now) { $0.sessionHash = hash("\(session)") }.plan
    }
    let ada = "ada".withByteView { tester.router.snapshot.catalog.model(named: $0) }
    let own = (0..<60).filter { plan($0, now: 0).attempt(0).model == ada }
    #expect((10...30).contains(own.count), "a third of them")
    tester.open("ada", until: 1_000)
    for session in 0..<60 {
      let moved = plan(session, now: 10)
      #expect(moved.isAffinityMoved == own.contains(session) && moved.isAffinityAmongModels)
      #expect(!plan(session, now: 2_000).isAffinityMoved)
    }
    for name in ["bob", "dan"] { tester.open(name, now: 10, until: 1_000) }
    #expect(plan(0, now: 20).outcome == .unavailable && !plan(0, now: 20).isAffinityMoved)
  }

  @Test("policies' ranks come first, then the group's affinity, then its strategy")
  func ranks() throws {
    var world = World()
    world.description.groups[0].affinity = .session
    world.policies += """
      @id("up") @priority(9) permit (principal, action, resource == Model::"dan")
      when { context.requested_model == "smart" };
      """
    let tester = try world.router()
    var seconds: Set<String> = []
    for session in 0..<40 {
      let answer = tester.route("smart") { $0.sessionHash = hash("\(session)") }
      #expect(answer.models[0] == "dan")
      #expect(answer.plan.affinity == .session && answer.plan.isAffinityAmongModels)
      seconds.insert(answer.models[1])
    }
    #expect(seconds == ["ada", "bob"])
    #expect(tester.route("smart").models == ["dan", "ada", "bob"], "no session: the list")
    let cheap = tester.route("cheap") { $0.sessionHash = 7 }
    #expect(cheap.plan.affinity == .none && cheap.models == ["cid", "bob", "dan"])
  }

  @Test("a policy's strategy is not given up; what varies by request is")
  func strategies() throws {
    var world = World()
    world.description.affinity.keys = [.session, .prefix]
    world.description.groups[0].strategy = .weighted
    var tester = try world.router()
    let kept = tester.route("smart") { $0.prefixHash = 5 }
    #expect(kept.plan.affinity == .prefix)
    for random in 0..<50 {
      let again = tester.route("smart") {
        $0.prefixHash = 5
        $0.random = UInt64(random) &* 99_999
      }
      #expect(again.models == kept.models)
    }
    let both = tester.route("smart") {
      $0.prefixHash = 5
      $0.sessionHash = 6
    }
    #expect(both.plan.affinity == .session)
    let list = tester.route("all") { $0.sessionHash = 6 }
    #expect(list.plan.affinity == .none && list.models.first == "ada")
    world.policies =
      "@id(\"p\") @strategy(\"cost\") permit (principal, action, resource);"
    world.description.groups[0].affinity = .session
    tester = try world.router()
    for session in 1...20 {
      let answer = tester.route("smart") { $0.sessionHash = UInt64(session) }
      #expect(answer.models == ["bob", "dan", "ada"] && answer.plan.affinity == .none)
    }
  }

  @Test("a prompt's key is of its first bytes alone, and there is none for fewer")
  func prefixes() {
    func key(_ parts: [String], _ count: Int = 8) -> UInt64 {
      var hash = PrefixHash(byteCount: count)
      for part in parts { part.withByteView { hash.add($0) } }
      return hash.value
    }
    #expect(key(["abcdefgh"]) != 0 && key(["abcdefgh"]) == key(["abcdefghij", "k"]))
    #expect(key(["abcdefg"]) == 0 && key(["abc", "", "defg"]) == 0)
    #expect(key(["abc", "defghij"]) == key(["abc", "defgh"]))
    #expect(key(["abc", "defgh"]) != key(["abcdefgh"]))
    #expect(key(["abcdefgh"], 7) != key(["abcdefgh"]))
  }

  @Test("hashes tell texts apart and are the same everywhere")
  func hashes() {
    var seen: Set<UInt64> = []
    for length in 0..<64 {
      seen.insert(hash(String(repeating: "a", count: length)))
      seen.insert(hash(String(repeating: "a", count: length) + "b"))
    }
    #expect(seen.count == 128)
    #expect(!seen.contains(0))
  }
}
