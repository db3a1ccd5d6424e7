// SPDX-License-Identifier: MIT

/// Policies of one scope that the index finds by the value of an attribute, because their
/// conditions begin by comparing it with a constant.
public struct LedPolicies: Sendable {
  /// Such as `context.team`.
  public let attribute: String
  /// Constants that the attribute is compared with, and the policies that begin with each, by
  /// number, ascending.
  public let cases: [(constant: Datum, policies: [Int])]

  /// All of them, ascending.
  public var policies: [Int] { cases.flatMap(\.policies).sorted() }
}

extension Program {
  /// The groups of policies that are found by an attribute's value. Cold: makes strings.
  public var ledPolicies: [LedPolicies] {
    (0..<sections.leads.count).map { number in
      let lead = sections.leads[number]
      let cases = (Int(lead.caseStart)..<Int(lead.caseStart + lead.caseCount)).map { place in
        let found = sections.cases[place]
        let numbers = (Int(found.start)..<Int(found.start + found.count)).map {
          Int(sections.postings[$0])
        }
        return (constant: constant(Int(found.constant)), policies: numbers.sorted())
      }
      return LedPolicies(
        attribute: operandText(.operand, lead.attribute) ?? "", cases: cases)
    }
  }
}
