// SPDX-License-Identifier: MIT

import CedarSyntax
import DecisionIR
import PolicyCompiler
import Testing

@Suite struct CompilerTests {
  static func compile(
    _ source: String, links: [TemplateLink] = [],
    identifiers: PolicyIdentifiers = .annotation
  ) throws -> CompiledPolicies {
    var files = SourceFiles()
    _ = files.add(name: "test.cedar", text: source)
    let (parsed, diagnostics) = parsePolicies(source, dialect: true)
    try #require(!diagnostics.hasErrors, "\(diagnostics.map(\.message))")
    var set = parsed
    set.links = links
    return try compilePolicies(set, files: files, identifiers: identifiers).get()
  }

  /// The answer to `Action::"a"` by User::"u" on R::"r".
  static func answer(
    _ source: String, context: [Text: Datum] = [:], entities: [EntityData] = [],
    links: [TemplateLink] = []
  ) throws -> AuthorizationResponse {
    let program = try compile(source, links: links).program
    let store = try EntityStore(program: program, entities: entities)
    let request = RequestData(
      principal: EntityName(type: "User", id: "u"), action: EntityName(type: "Action", id: "a"),
      resource: EntityName(type: "R", id: "r"), context: context)
    return Evaluator(store: store).authorize(request.encoded(for: store))
  }

  @Test func metadataIsKept() throws {
    let program = try Self.compile(
      """
      permit (principal, action, resource);
      @id("second") @priority(12.5) @max_output_tokens("4096") @cache("off")
      forbid (principal, action, resource) when { context.x };
      """
    ).program
    #expect(program.policyCount == 2)
    #expect(program.id(of: 0) == "policy0")
    #expect(program.priority(of: 0) == 0)
    let metadata = program.metadata(of: 1)
    #expect(metadata.id == "second" && metadata.isForbid)
    #expect(metadata.priority == 125_000)
    #expect(metadata.integer("max_output_tokens") == 4096)
    #expect(metadata.annotation("cache") == "off")
    #expect(metadata.file == "test.cedar" && metadata.line == 2)
    #expect(program.contextSlot("x") != nil && program.contextSlot("y") == nil)
  }

  @Test func aWrongPriorityIsAnError() {
    let source = "@priority(\"high\") permit (principal, action, resource);"
    let (set, _) = parsePolicies(source, dialect: true)
    guard case .failure(let failure) = compilePolicies(set) else {
      Issue.record("compiled")
      return
    }
    #expect(failure.diagnostics.first?.code == .invalidPriority)
  }

  @Test(arguments: [
    ("context.n < 10.0", Datum.long(9), true), ("context.n < 10.0", .long(10), false),
    ("context.n < 10.0", .decimal(99_999), true), ("10.5 <= context.n", .long(11), true),
    ("context.n > 0.0", .long(Int64.max), true), ("context.n > 0.0", .long(Int64.min), false),
    ("context.n < 922337203685477.5807", .long(922_337_203_685_478), false),
    ("context.n >= -922337203685477.5808", .long(-922_337_203_685_478), false),
  ])
  func decimalLiteralsWiden(_ condition: String, _ datum: Datum, _ holds: Bool) throws {
    let source = "permit (principal, action, resource) when { \(condition) };"
    let response = try Self.answer(source, context: ["n": datum])
    #expect((response.decision == .allow) == holds)
    #expect(response.errors.isEmpty)
  }

  @Test func aDecimalLiteralAgainstAnythingElseIsATypeError() throws {
    let source = "permit (principal, action, resource) when { context.n < 10.0 };"
    let response = try Self.answer(source, context: ["n": .text("9.0")])
    #expect(response.errors.first?.message.contains("got string") == true)
  }

  @Test func templatesDecideOnlyWhenLinked() throws {
    let source = "@id(\"t\") permit (principal == ?principal, action, resource in ?resource);"
    #expect(try Self.answer(source).decision == .deny)
    func uid(_ type: String, _ id: String) -> EntityUID { EntityUID(type: Name([type]), id: id) }
    let link = TemplateLink(
      id: "linked", templateID: "t",
      values: [.principal: uid("User", "u"), .resource: uid("R", "r")])
    let response = try Self.answer(source, links: [link])
    #expect(response.decision == .allow)
    let missing = TemplateLink(
      id: "linked", templateID: "t", values: [.principal: uid("User", "u")])
    #expect(throws: CompilationFailure.self) { try Self.compile(source, links: [missing]) }
    let astray = TemplateLink(id: "linked", templateID: "none", values: [:])
    #expect(throws: CompilationFailure.self) { try Self.compile(source, links: [astray]) }
  }

  /// Comparisons of constants are decided by the compiler, those of the context when it runs: both
  /// ways must agree.
  @Test(arguments: ["<", "<=", ">", ">=", "==", "!="])
  func foldingComparesAsTheEvaluatorDoes(_ relation: String) throws {
    let values: [(text: String, datum: Datum)] = [
      ("1", .long(1)), ("2", .long(2)), ("duration(\"1ms\")", .duration(1)),
      ("duration(\"2ms\")", .duration(2)), ("datetime(\"1970-01-01\")", .datetime(0)),
      ("datetime(\"1970-01-02\")", .datetime(86_400_000)),
    ]
    for left in values {
      for right in values {
        let policies = """
          permit (principal, action, resource) when { \(left.text) \(relation) \(right.text) };
          permit (principal, action, resource) when { context.l \(relation) context.r };
          """
        let response = try Self.answer(policies, context: ["l": left.datum, "r": right.datum])
        #expect(
          [[], [0, 1]].contains(response.reasons), "\(left.text) \(relation) \(right.text)")
        #expect(response.errors.count != 1)
      }
    }
  }

  @Test(arguments: [
    "9223372036854775807 * 2 == -2", "9223372036854775807 + 1 < 0",
    "-9223372036854775808 - 1 > 0", "-(-9223372036854775808) < 0",
  ])
  func foldingOverflowsAsTheEvaluatorDoes(_ condition: String) throws {
    let response = try Self.answer(
      "permit (principal, action, resource) when { \(condition) };")
    #expect(response.errors.map(\.policy) == [0] && response.reasons.isEmpty)
    #expect(response.errors.first?.message.contains("overflow") == true)
  }

  @Test func foldingKeepsErrors() throws {
    let overflow = "9223372036854775807 + 1 == 0"
    for (condition, fails) in [
      (overflow, true), ("false && \(overflow)", false), ("true || \(overflow)", false),
      ("true && \(overflow)", true), ("(if true then 1 else 2) == 1", false), ("1", true),
      ("decimal(\"x\") == decimal(\"1.0\")", true), ("[1, 2] == [2, 1, 1]", false),
    ] {
      let response = try Self.answer(
        "permit (principal, action, resource) when { \(condition) };")
      #expect(response.errors.isEmpty != fails, "\(condition)")
    }
  }

  @Test func sharedConditionsAreCompiledOnce() throws {
    let policy = "permit (principal, action, resource) when { context.a == 1 && context.b < 2 };\n"
    let one = try Self.compile(policy).image.count
    let fifty = try Self.compile(String(repeating: policy, count: 50)).image.count
    #expect(fifty - one < 49 * 100)
  }

  @Test func deepNestingNeitherCrashesNorLies() throws {
    let chain = "context" + String(repeating: ".a", count: 900)
    let response = try Self.answer(
      "permit (principal, action, resource) when { \(chain) == 1 };")
    #expect(response.errors.count == 1)
    var nested = "context.n"
    for _ in 0..<200 { nested = "if context.n then \(nested) else false" }
    let allowed = try Self.answer(
      "permit (principal, action, resource) when { \(nested) };", context: ["n": .bool(true)])
    #expect(allowed.decision == .allow)
  }

  /// The JSON form may give a pattern's literal scalar by scalar, as the reference writes it.
  @Test(arguments: [("abc", true), ("axbc", false), ("ab*d", false), ("ab", false), ("abXc", true)])
  func literalsInPieces(_ subject: String, _ matches: Bool) throws {
    let json = #"""
      {"effect": "permit", "principal": {"op": "All"}, "action": {"op": "All"},
       "resource": {"op": "All"}, "conditions": [{"kind": "when", "body": {"like": {
         "left": {".": {"left": {"Var": "context"}, "attr": "s"}},
         "pattern": [{"Literal": "a"}, {"Literal": ""}, {"Literal": "b"}, "Wildcard",
                     {"Literal": "c"}]}}}]}
      """#
    let (set, diagnostics) = parsePoliciesJSON(json)
    try #require(!diagnostics.hasErrors, "\(diagnostics.map(\.message))")
    let store = try EntityStore(program: compilePolicies(set).get().program)
    let nobody = EntityName(type: "User", id: "u")
    let request = AuthorizationRequest(
      store: store, principal: nobody, action: nobody, resource: nobody,
      context: ["s": .text(subject)])
    #expect(Evaluator(store: store).isAllowed(request) == matches)
    #expect(set.policies[0].cedarText.contains(#"like "ab*c""#))
  }

  @Test func longSubjectsMatchInLinearTime() throws {
    let subject = String(repeating: "a", count: 1_000_000)
    let source =
      "permit (principal, action, resource) when { context.s like \"*aaaaaaaaaab*aaaab*\" };"
    let start = ContinuousClock.now
    let response = try Self.answer(source, context: ["s": .text(subject)])
    #expect(response.decision == .deny)
    #expect(ContinuousClock.now - start < .seconds(5))
  }

  @Test func aProgramSurvivesItsImage() throws {
    let compiled = try Self.compile(
      """
      permit (principal is User in Team::"t", action in [Action::"a"], resource == R::"r")
      when { context.ip.isInRange(ip("2001:db8::/32")) && ["x", "y"].contains(context.s) };
      """)
    let again = try Program(image: compiled.image)
    #expect(again.listing == compiled.program.listing)
    #expect(again.listing.contains("principal is User in Team::\"t\""))
  }
}
