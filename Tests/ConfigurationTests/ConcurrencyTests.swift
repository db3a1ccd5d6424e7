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
    let none = try #require(read("region: eu").0)
    #expect(none.concurrency == nil && none.deploymentConcurrency == nil)
  }

  @Test(
    "mistakes",
    arguments: [
      ("concurrency: {queue: 3}", "`maximum` is missing in `concurrency`"),
      ("concurrency: 64", "`concurrency` must be a mapping"),
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
