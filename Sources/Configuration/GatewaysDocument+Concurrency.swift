// SPDX-License-Identifier: MIT

internal import ModelCatalog

extension GatewaysDocument {
  /// `concurrency` and `deployment_concurrency` of a gateway.
  func readConcurrency(_ field: Field?) -> ConcurrencyLimit? {
    guard let field else { return nil }
    let keys = ["maximum", "queue", "queue_timeout"]
    guard let section = Section(field, keys: keys),
      let maximum = section.required("maximum")?.integer(1...ConcurrencyLimit.maximumLimit)
    else { return nil }
    var timeout = ConcurrencyLimit.queueTimeoutMillisecondsStandard
    section.set(&timeout, "queue_timeout", milliseconds: 1...600_000)
    return ConcurrencyLimit(
      maximum: maximum, queueMaximum: section["queue"]?.integer(0...ConcurrencyLimit.queueLimit),
      queueTimeoutMilliseconds: timeout)
  }
}
