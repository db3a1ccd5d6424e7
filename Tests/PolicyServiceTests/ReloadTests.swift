// SPDX-License-Identifier: MIT

import CedarSyntax
import DecisionIR
import PolicyService
import Routing
import Testing

private let allow = #"@id("base") permit (principal, action, resource);"#
private let deny = #"@id("stop") forbid (principal, action, resource);"#

@Suite struct ReloadTests {
  private func reloaded(_ host: TestHost) async -> ReloadReport? {
    guard case .loaded(let report) = await host.state.reload() else { return nil }
    return report
  }

  private func refusal(_ host: TestHost) async -> ReloadRefusal? {
    guard case .refused(let refusal) = await host.state.reload() else { return nil }
    return refusal
  }

  @Test func newPoliciesArePutInForce() async throws {
    let host = try TestHost(allow)
    let before = host.state.status()
    #expect(before.policyCount == 1)
    try host.folder.write("stop.cedar", deny)
    let report = try #require(await reloaded(host))
    #expect(report.isChanged)
    #expect(report.policyCount == 2)
    #expect(report.version != before.policyVersion)
    #expect(host.snapshots.current.version == report.version)
    guard case .failure(.refused(let denial)) = host.state.route(host.query("fine")) else {
      Issue.record("expected a refusal")
      return
    }
    #expect(denial.forbids == ["stop"])
  }

  @Test func theSameFilesChangeNothing() async throws {
    let host = try TestHost(allow)
    let report = try #require(await reloaded(host))
    #expect(!report.isChanged)
    #expect(host.snapshots.count == 1)
    #expect(host.state.versions().count == 1)
  }

  @Test func everyErrorOfEveryFileIsToldAndTheRunningSetStays() async throws {
    let host = try TestHost(allow)
    let running = host.snapshots.current.version
    try host.folder.write("routing.cedar", "permit (principal, action, resource) when { 1 + };")
    try host.folder.write("b.cedar", "permit (principal);\n\nforbid (principl, action, resource);")
    let refusal = try #require(await refusal(host))
    #expect(refusal.runningVersion == running)
    #expect(host.snapshots.current.version == running)
    #expect(host.snapshots.count == 1)
    let errors = refusal.findings.filter(\.isError)
    #expect(Set(errors.map(\.file)) == ["b.cedar", "routing.cedar"])
    #expect(errors.count >= 3)
    let last = try #require(errors.first { $0.file == "b.cedar" && $0.line == 3 })
    #expect(last.column == 9)
    #expect(last.code.hasPrefix("CEDAR"))
    #expect(last.text.contains("b.cedar:3:9"))
    #expect(last.text.contains("^^^^^^^^"))
    #expect(host.state.status().lastReloadProblem != nil)
    try host.folder.write("routing.cedar", allow)
    try host.folder.remove("b.cedar")
    #expect(await reloaded(host) != nil)
    #expect(host.state.status().lastReloadProblem == nil)
  }

  @Test func theSchemaIsObeyed() async throws {
    let schema = #"""
      entity User; entity Model = { "provider": String };
      action "routing:select_model" appliesTo { principal: User, resource: Model };
      """#
    let good = #"permit (principal, action, resource) when { resource.provider == "x" };"#
    let host = try TestHost(good, schema: schema)
    let bad = #"permit (principal, action, resource) when { resource.provder == "x" };"#
    try host.folder.write("routing.cedar", bad)
    let refusal = try #require(await refusal(host))
    let finding = try #require(refusal.findings.first { $0.isError })
    #expect(finding.message.contains("provder"))
    #expect(finding.line == 1)
    try host.folder.write("gateway.cedarschema", "entity ;")
    let files = Set(try #require(await self.refusal(host)).findings.map(\.file))
    #expect(files == ["gateway.cedarschema"])
  }

  @Test func anEmptiedFileIsRefused() async throws {
    let host = try TestHost(allow)
    try host.folder.write("routing.cedar", "// nothing\n")
    let finding = try #require(await refusal(host)?.findings.first)
    #expect(finding.code == "FILE" && finding.message.contains("no policy"))
    #expect(host.snapshots.count == 1)
  }

  @Test func idsAreGivenOnce() async throws {
    let host = try TestHost(allow)
    try host.folder.write("z.cedar", allow)
    let refusal = try #require(await refusal(host))
    #expect(refusal.findings.map(\.code) == ["CEDAR0601"])
    #expect(refusal.findings.first?.file == "z.cedar")
  }

  @Test func obligationsThatCannotBeObeyedAreErrors() async throws {
    let host = try TestHost(allow)
    try host.folder.write(
      "z.cedar", "\n@id(\"o\") @cache(\"maybe\") permit (principal, action, resource);")
    let finding = try #require(await refusal(host)?.findings.first { $0.isError })
    #expect(finding.file == "z.cedar")
    #expect(finding.line == 2)
    #expect(finding.message.contains("maybe"))
    #expect(host.snapshots.count == 1)
  }

  @Test func policyTestsDecideToo() throws {
    let folder = try TemporaryFolder()
    try folder.write("a.cedar", allow)
    try folder.write("a.test.yaml", "tests: []")
    let failing = PolicyFinding(code: "TEST", message: "expected deny", file: "a.test.yaml")
    let loader = PolicyLoader(
      folder: PolicyFolder(path: folder.path), digest: TestHost.digest,
      runTests: { program, paths in
        (paths.count, program.policyCount == 1 ? [] : [failing])
      })
    #expect(try loader.load().testCount == 1)
    try folder.write("b.cedar", deny)
    #expect {
      try loader.load()
    } throws: { error in
      // Lints of what was read come with it: the forbid overrules the permit.
      (error as? PolicyLoader.Failure)?.findings.filter(\.isError) == [failing]
    }
  }

  @Test func aSingleFileHasItsTestsBesideIt() throws {
    let folder = try TemporaryFolder()
    try folder.write("a.cedar", allow)
    try folder.write("a.test.yaml", "tests: []")
    try folder.write("b.test.yaml", "tests: []")
    let sources = try PolicyFolder(path: "\(folder.path)/a.cedar").read()
    #expect(sources.testPaths == ["\(folder.path)/a.test.yaml"])
  }

  /// Without configured files a reload has nothing to read; what is built in holds, and says so.
  @Test func withoutFilesWhatIsBuiltInHolds() throws {
    let builtIn = PolicySources(policies: [SourceFile(name: "built-in", text: allow)])
    let loader = PolicyLoader(
      folder: PolicyFolder(paths: []), builtIn: builtIn, digest: TestHost.digest)
    let loaded = try loader.load()
    #expect(loaded.program.policyCount == 1)
    #expect(loaded.findings.map(\.severity) == ["note"])
    #expect(loaded.findings.first?.message.contains("no policy files are configured") == true)
    #expect(try loader.load().version == loaded.version)
    #expect(throws: PolicyLoader.Failure.self) {
      try PolicyLoader(folder: PolicyFolder(paths: []), digest: TestHost.digest).load()
    }
  }

  @Test func versionsAreKeptForARollback() async throws {
    let host = try TestHost(allow)
    let first = host.snapshots.current.version
    try host.folder.write("stop.cedar", deny)
    let second = try #require(await reloaded(host)).version
    #expect(host.state.versions() == [second, first])
    #expect(await host.state.rollBack(to: nil)?.version == first)
    #expect(host.snapshots.current.version == first)
    #expect(host.state.versions() == [first, second])
    #expect(await host.state.rollBack(to: second)?.isChanged == true)
    #expect(await host.state.rollBack(to: second)?.isChanged == false)
    #expect(await host.state.rollBack(to: "other") == nil)
    #expect(host.state.policies.version == second)
  }

  @Test func keptVersionsAreBounded() async throws {
    let host = try TestHost(allow)
    for number in 0..<(LivePolicyState.versionsMaximum + 4) {
      try host.folder.write("n.cedar", "// \(number)\n")
      #expect(await reloaded(host) != nil)
    }
    #expect(host.state.versions().count == LivePolicyState.versionsMaximum)
  }

  @Test func reloadsDoNotOverlap() async throws {
    let host = try TestHost(allow)
    try host.folder.write("stop.cedar", deny)
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<20 {
        group.addTask {
          guard case .loaded(let report) = await host.state.reload() else { return false }
          return report.isChanged
        }
      }
      var changes = 0
      for await isChanged in group where isChanged { changes += 1 }
      #expect(changes == 1)
    }
    #expect(host.snapshots.count == 2)
  }

  @Test func aThousandPoliciesAreLoadedQuickly() async throws {
    let host = try TestHost(allow)
    for file in 0..<10 {
      let text = (0..<100).map { number in
        #"""
        @id("p\#(file)-\#(number)") @priority(\#(number))
        permit (principal in Team::"t\#(file)-\#(number)", action == "routing:select_model",
          resource in ModelGroup::"g\#(number)")
        when { context.cost_budget_remaining < \#(number).5 && resource.provider == "p\#(number)" };

        """#
      }
      try host.folder.write("many-\(file).cedar", text.joined())
    }
    let report = try #require(await reloaded(host))
    #expect(report.policyCount == 1001)
    print("reload of 1,001 policies: \(report.milliseconds) ms")
    #if !DEBUG
      #expect(report.milliseconds <= 50)
    #endif
  }
}
