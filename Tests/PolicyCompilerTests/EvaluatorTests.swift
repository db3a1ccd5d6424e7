// SPDX-License-Identifier: MIT

import CedarSyntax
import DecisionIR
import PolicyCompiler
import Testing

/// What the index and the caches do must not be seen in answers.
struct EvaluatorTests {
  private static func name(_ type: String, _ id: Int) -> EntityName {
    EntityName(type: type, id: "\(id)")
  }

  private static let action = EntityName(type: "Action", id: "a")

  private static func request(
    _ store: EntityStore, user: Int = 0, doc: Int = 0, context: [Text: Datum] = [:]
  ) -> AuthorizationRequest {
    AuthorizationRequest(
      store: store, principal: name("User", user), action: action,
      resource: name("Doc", doc), context: context)
  }

  /// Every pair of a group of the principal and one of the resource is tried, also where both have
  /// hundreds.
  @Test(arguments: [CandidateCaching.never, .always])
  func manyAncestors(_ caching: CandidateCaching) throws {
    let text = (0..<300).map { number in
      "permit (principal in G::\"\(number)\", action, resource in G::\"\(number * 7 % 300)\") "
        + "when { context.n == \(number) };"
    }.joined(separator: "\n")
    let program = try CompilerTests.compile(text).program
    let groups = (0..<300).map { Self.name("G", $0) }
    let store = try EntityStore(
      program: program,
      entities: [
        EntityData(Self.action), EntityData(Self.name("User", 0), parents: groups),
        EntityData(Self.name("Doc", 0), parents: groups),
        EntityData(Self.name("User", 1), parents: [groups[5]]),
        EntityData(Self.name("Doc", 1), parents: [groups[35]]),
      ])
    let evaluator = Evaluator(store: store, caching: caching)
    for number in [0, 5, 150, 299, 300] {
      let request = Self.request(store, context: ["n": .long(Int64(number))])
      #expect(evaluator.authorize(request).reasons == (number < 300 ? [number] : []))
      #expect(evaluator.isAllowed(request) == (number < 300))
      let few = Self.request(store, user: 1, doc: 1, context: ["n": .long(Int64(number))])
      #expect(evaluator.authorize(few).reasons == (number == 5 ? [5] : []))
    }
  }

  /// `in` with a large set is searched from the principal's side; the answers stay the same, and
  /// so does the error for an element that is no entity.
  @Test func largeSets() throws {
    let names = (0..<500).map { "G::\"\($0)\"" }.joined(separator: ", ")
    let program = try CompilerTests.compile(
      """
      permit (principal, action, resource) when { principal in [\(names)] };
      permit (principal, action, resource) when { principal in [\(names), 1] };
      permit (principal, action, resource) when { resource in [\(names), resource] };
      """
    ).program
    let store = try EntityStore(
      program: program,
      entities: [
        EntityData(Self.name("User", 0), parents: [Self.name("G", 499)]),
        EntityData(Self.name("User", 1), parents: [Self.name("G", 500)]),
        EntityData(Self.name("G", 500), parents: [Self.name("G", 3)]),
        EntityData(Self.name("User", 2), parents: [Self.name("Other", 3)]),
      ])
    let evaluator = Evaluator(store: store)
    for (user, isIn) in [(0, true), (1, true), (2, false), (9, false)] {
      let response = evaluator.authorize(Self.request(store, user: user))
      #expect(response.reasons == (isIn ? [0, 2] : [2]), "\(user)")
      #expect(response.errors.map(\.policy) == [1])
    }
  }

  /// More combinations than the cache holds, in two passes.
  @Test func candidatesAreRemembered() throws {
    let text = (0..<40).map { number in
      "\(number % 5 == 0 ? "forbid" : "permit") (principal == User::\"\(number)\", action, "
        + "resource) when { context.n < \(number) };"
    }.joined(separator: "\n")
    let program = try CompilerTests.compile(text).program
    let store = try EntityStore(
      program: program,
      // What the store does not know is not remembered, so the action stands in it, too.
      entities: [EntityData(Self.action)]
        + (0..<200).flatMap { number in
          [EntityData(Self.name("User", number)), EntityData(Self.name("Doc", number))]
        })
    let remembering = Evaluator(store: store, caching: .automatic)
    let searching = Evaluator(store: store, caching: .never)
    for _ in 0..<2 {
      for user in 0..<200 {
        for doc in stride(from: 0, to: 200, by: 7) {
          let request = Self.request(
            store, user: user, doc: doc, context: ["n": .long(Int64(doc % 40))])
          #expect(remembering.isAllowed(request) == searching.isAllowed(request))
        }
      }
    }
    let request = Self.request(store, user: 31, context: ["n": .long(30)])
    #expect(remembering.authorize(request).reasons == [31])
    #expect(searching.authorize(request).reasons == [31])
  }

  /// What was remembered for one resource is not the answer for another, also where both have the
  /// same place in the cache: there are more of them than places.
  @Test func eachResourceHasItsOwnCandidates() throws {
    let count = 9_000
    let text = (0..<count / 2).map { number in
      "permit (principal, action, resource == Doc::\"\(number * 2)\");"
    }.joined(separator: "\n")
    let program = try CompilerTests.compile(text).program
    let store = try EntityStore(
      program: program,
      entities: [EntityData(Self.name("User", 0)), EntityData(Self.action)]
        + (0..<count).map { EntityData(Self.name("Doc", $0)) })
    let evaluator = Evaluator(store: store, caching: .always)
    let wrong = (0..<count).filter { doc in
      evaluator.isAllowed(Self.request(store, doc: doc)) != (doc % 2 == 0)
    }
    #expect(wrong.isEmpty)
  }

  /// Memory that someone else keeps.
  private final class Owner: Sendable {
    let address: UInt
    let count: Int

    init(_ image: [UInt8]) {
      let memory = UnsafeMutableRawPointer.allocate(byteCount: image.count + 8, alignment: 8)
      unsafe memory.copyMemory(from: image, byteCount: image.count)
      address = UInt(bitPattern: memory)
      count = image.count
    }

    func bytes(from offset: Int = 0) -> UnsafeRawBufferPointer {
      unsafe UnsafeRawBufferPointer(
        start: UnsafeRawPointer(bitPattern: address).map { unsafe $0 + offset },
        count: count - offset)
    }

    deinit {
      unsafe UnsafeMutableRawPointer(bitPattern: address)?.deallocate()
    }
  }

  @Test func imagesAreRunWhereTheyLie() throws {
    let compiled = try CompilerTests.compile("permit (principal, action, resource is Doc);")
    var program: Program?
    do {
      let owner = Owner(compiled.image)
      program = try unsafe Program(borrowing: owner.bytes(), owner: owner)
      #expect(throws: ImageError.self) {
        _ = try unsafe Program(borrowing: owner.bytes(from: 4), owner: owner)
      }
      #expect(throws: ImageError.self) {
        _ = try unsafe Program(borrowing: owner.bytes(from: 8), owner: owner)
      }
    }
    // The program keeps the owner alive.
    let store = try EntityStore(program: #require(program))
    #expect(Evaluator(store: store).isAllowed(Self.request(store)))
    #expect(store.program.id(of: 0) == "policy0")
  }
}
