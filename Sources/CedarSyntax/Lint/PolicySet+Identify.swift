// SPDX-License-Identifier: MIT

extension PolicySet {
  /// How policies are named.
  public enum Identification: String, Sendable, CaseIterable {
    /// `policy0`, `policy1`, … in order.
    case position
    /// By `@id`; a policy without one by its position.
    case annotation
  }

  /// The policies of several files as one set, named in order over all of them. Links are kept;
  /// their templates are named anew with the policies of their file.
  public init(joining sets: [PolicySet], identifiedBy identification: Identification) {
    self.init()
    for set in sets {
      var renamed: [ExactString: String] = [:]
      for policy in set.policies {
        var named = policy
        named.id = "policy\(policies.count)"
        if identification == .annotation, let annotation = policy.annotation("id"),
          !annotation.text.isEmpty
        {
          named.id = annotation.text
        }
        renamed[ExactString(policy.id)] = named.id
        policies.append(named)
      }
      links += set.links.map { link in
        TemplateLink(
          id: link.id, templateID: renamed[ExactString(link.templateID)] ?? link.templateID,
          values: link.values)
      }
    }
  }
}
