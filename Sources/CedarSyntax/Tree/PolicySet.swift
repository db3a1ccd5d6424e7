// SPDX-License-Identifier: MIT

/// Policies and templates in the order of their source, with the links of the templates.
public struct PolicySet: Sendable {
  /// Static policies and templates in file order.
  public var policies: [Policy]
  /// Instances of templates.
  public var links: [TemplateLink]

  public init(policies: [Policy] = [], links: [TemplateLink] = []) {
    self.policies = policies
    self.links = links
  }
}

/// A template with its slots filled in.
public struct TemplateLink: Sendable {
  /// The id of the policy that the link makes.
  public let id: String
  /// The id of the template.
  public let templateID: String
  /// One entity for each slot of the template.
  public let values: [Slot: EntityUID]

  public init(id: String, templateID: String, values: [Slot: EntityUID]) {
    self.id = id
    self.templateID = templateID
    self.values = values
  }
}
