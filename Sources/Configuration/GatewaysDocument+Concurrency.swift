// SPDX-License-Identifier: MIT

internal import ModelCatalog

extension GatewaysDocument {
  /// `concurrency` and `deployment_concurrency` of a gateway.
  func readConcurrency(_ field: Field?) -> ConcurrencyLimit? {
    guard let field else { return nil }
    let keys = ["maximum", "queue", "queue_timeout"] + Self.adaptiveKeys
    guard let section = Section(field, keys: keys),
      let maximum = section.required("maximum")?.integer(1...ConcurrencyLimit.maximumLimit)
    else { return nil }
    var timeout = ConcurrencyLimit.queueTimeoutMillisecondsStandard
    section.set(&timeout, "queue_timeout", milliseconds: 1...600_000)
    return ConcurrencyLimit(
      maximum: maximum, adaptive: adaptiveLimit(section, maximum),
      queueMaximum: section["queue"]?.integer(0...ConcurrencyLimit.queueLimit),
      queueTimeoutMilliseconds: timeout)
  }

  private static let adaptiveKeys = ["adaptive", "minimum", "initial", "tolerance"]

  private func adaptiveLimit(_ section: Section, _ maximum: Int64) -> AdaptiveLimit? {
    guard let field = section["adaptive"] else {
      for key in Self.adaptiveKeys {
        section[key]?.report("`\(key)` is for a limit that is `adaptive: gradient`")
      }
      return nil
    }
    guard field.choice(["gradient"]) != nil else { return nil }
    let minimum = section["minimum"]?.integer(1...maximum) ?? 1
    let range = AdaptiveLimit.toleranceThousandthsRange
    let tolerance = section["tolerance"]?.parsed("a factor from 1.1 to 10, as `1.5`") { text in
      Quantity.cedarDecimal(text).flatMap { value in
        value % 10 == 0 && range.contains(value / 10) ? value / 10 : nil
      }
    }
    return AdaptiveLimit(
      minimum: minimum, initial: section["initial"]?.integer(minimum...maximum),
      toleranceThousandths: tolerance ?? AdaptiveLimit.toleranceThousandthsStandard)
  }
}
