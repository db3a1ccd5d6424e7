// SPDX-License-Identifier: MIT

import Configuration
import ModelCatalog
import Testing

@Suite("Configuration: limits of concurrency")
struct ConcurrencyTests {
  private func read(_ keys: String) -> (GatewayDescription?, String) {
    let result = load("gateways: [{name: g, type: vllm, base_url: \"http://a\", \(keys)}]")
    return (
      result.configuration?.catalog.gateways.first,
      result.problems.map(\.message).joined(separator: "\n")
    )
  }

  @Test("an account, its deployments, and what holds unless it is said")
  func limits() throws {
    let (found, problems) = read(
      "concurrency: {maximum: 64, queue: 0, queue_timeout: 250ms}, "
        + "deployment_concurrency: {maximum: 16}")
    let gateway = try #require(found, "\(problems)")
    #expect(
      gateway.concurrency
        == ConcurrencyLimit(maximum: 64, queueMaximum: 0, queueTimeoutMilliseconds: 250))
    #expect(
      gateway.deploymentConcurrency
        == ConcurrencyLimit(maximum: 16, queueMaximum: 16, queueTimeoutMilliseconds: 2_000))
    let adaptive = try #require(
      read(
        "concurrency: {adaptive: gradient, minimum: 4, initial: 8, maximum: 64, tolerance: 1.25}"
      ).0?.concurrency)
    #expect(
      adaptive
        == ConcurrencyLimit(
          maximum: 64,
          adaptive: AdaptiveLimit(minimum: 4, initial: 8, toleranceThousandths: 1_250)))
    let plain = try #require(
      read("deployment_concurrency: {adaptive: gradient, maximum: 64}").0?.deploymentConcurrency)
    #expect(plain.adaptive == AdaptiveLimit(minimum: 1, initial: 4, toleranceThousandths: 1_500))
    let none = try #require(read("region: eu").0)
    #expect(none.concurrency == nil && none.deploymentConcurrency == nil)
  }

  @Test("affinity: one key, several, a mapping, and a group's own")
  func affinity() throws {
    func read(_ text: String) -> (AffinityDescription?, String) {
      let result = load("routing: {affinity: \(text)}")
      return (result.configuration?.catalog.affinity, result.problems.map(\.message).joined())
    }
    #expect(read("session").0?.keys == .session)
    #expect(read("none").0?.keys == [])
    #expect(read("[prefix, session]").0?.keys == [.session, .prefix])
    let full = try #require(read("{by: prefix, header: X-Chat, prefix: 2KiB}").0)
    #expect(full.keys == .prefix && full.header == "x-chat" && full.prefixBytes == 2_048)
    #expect(read("sesion").1.contains("none of `session`, `prefix`, `none`"))
    #expect(read("{by: session, header: \"a b\"}").1.contains("a header's name"))
    #expect(read("{by: prefix, prefix: 1B}").1.contains("must be from 16 B"))
    let group = load(
      "models: [{name: a, provider: p}]\ngroups: [{name: g, models: [a], affinity: session}]")
    #expect(group.configuration?.catalog.groups.first?.affinity == .session)
  }

  @Test(
    "mistakes",
    arguments: [
      ("concurrency: {queue: 3}", "`maximum` is missing in `concurrency`"),
      ("concurrency: 64", "`concurrency` must be a mapping"),
      ("concurrency: {maximum: 2, minimum: 1}", "`minimum` is for a limit that is"),
      ("concurrency: {maximum: 2, tolerance: 2}", "`tolerance` is for a limit that is"),
      ("concurrency: {maximum: 2, adaptive: vegas}", "none of `gradient`"),
      ("concurrency: {maximum: 2, adaptive: gradient, initial: 3}", "from 1 to 2"),
      ("concurrency: {maximum: 2, adaptive: gradient, tolerance: 1}", "a factor from 1.1 to 10"),
      ("concurrency: {maximum: 2, adaptive: gradient, tolerance: 11}", "a factor from 1.1 to 10"),
      ("concurrency: {maximum: 0}", "must be a whole number from 1 to 1000000"),
      ("concurrency: {maximum: 1, queue: -1}", "`queue` must be a whole number"),
      ("concurrency: {maximum: 1, queue_timeout: 2}", "must be a number with its unit"),
      ("deployment_concurrency: {maximum: 1, queu: 2}", "unknown key `queu`"),
    ])
  func mistakes(text: String, message: String) {
    let problems = read(text).1
    #expect(problems.contains(message), "\(problems)")
  }
}
