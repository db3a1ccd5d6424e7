// SPDX-License-Identifier: MIT

import Testing

@testable import Translation

struct ParameterTableTests {
  @Test func everyProviderHasARuleForEachParameter() {
    for provider in Wires.providers {
      #expect(provider.parameters.parametersWithoutRule.isEmpty, "\(provider.name)")
    }
  }

  @Test func namesTellWiresApart() {
    #expect(Set(Wires.providers.map { "\($0.name)" }).count == Wires.providers.count)
    #expect(Set(Wires.clients.map { "\($0.name)" }).count == Wires.clients.count)
  }
}
