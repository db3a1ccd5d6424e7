// SPDX-License-Identifier: MIT

import DecisionIR
import Testing

@Suite struct ImageTests {
  /// permit(principal in Team::"a", action, resource) when { context.n < 10 };
  static func draft() -> ProgramDraft {
    let draft = ProgramDraft()
    let slot = draft.contextSlot("n")
    let ten = draft.constant(.long(10))
    let less = Instruction(
      .less, disposition: Disposition.end, first: Operand(.context, Int(slot)).word,
      second: Operand(.constant, Int(ten)).word)
    let conjunct = draft.conjunct([less], spans: [(start: 0, end: 10)])
    var policy = PolicyDraft(id: "first", isForbid: false)
    policy.principal = .in(EntityName(type: "Team", id: "a"))
    policy.conjuncts = [conjunct]
    policy.priority = 1_000_000
    policy.annotations = [("priority", "100"), ("tag", "x")]
    draft.add(policy)
    return draft
  }

  @Test func decides() throws {
    let program = try Program(image: Self.draft().image())
    let user = EntityName(type: "User", id: "u")
    let store = try EntityStore(
      program: program,
      entities: [EntityData(user, parents: [EntityName(type: "Team", id: "a")])])
    let evaluator = Evaluator(store: store)
    func request(_ principal: EntityName, _ context: [Text: Datum]) -> AuthorizationRequest {
      AuthorizationRequest(
        store: store, principal: principal, action: EntityName(type: "Action", id: "x"),
        resource: EntityName(type: "R", id: "r"), context: context)
    }
    #expect(evaluator.isAllowed(request(user, ["n": .long(9)])))
    #expect(!evaluator.isAllowed(request(user, ["n": .long(10)])))
    let stranger = EntityName(type: "User", id: "other")
    #expect(!evaluator.isAllowed(request(stranger, ["n": .long(9)])))
    let response = evaluator.authorize(request(user, [:]))
    #expect(response.errors.map(\.policy) == [0])
    #expect(response.errors.first?.message == "the context does not have the attribute `n`")
    let metadata = program.metadata(of: 0)
    #expect(metadata.id == "first")
    #expect(metadata.priority == 1_000_000)
    #expect(metadata.annotation("tag") == "x")
  }

  @Test func everyDamageIsRefused() throws {
    let image = Self.draft().image()
    for index in image.indices {
      var damaged = image
      damaged[index] ^= 0x41
      #expect(throws: ImageError.self) { try Program(image: damaged) }
    }
    for length in 0..<image.count {
      #expect(throws: ImageError.self) { try Program(image: Array(image[..<length])) }
    }
  }
}
