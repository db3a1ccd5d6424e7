// SPDX-License-Identifier: MIT

public import JSON

/// A function that the model may have called.
public struct Tool: Sendable {
  public var name: JSONText
  public var description: JSONText?
  /// JSON schema of the arguments; nil for none.
  public var parameters: JSONFragment?
  public var isStrict: Bool?
  public var cacheControl: JSONFragment?
  /// OpenAI's `custom`: the model writes a text for it, which others say as the only member of an
  /// object (`CustomTool`).
  public var isCustom = false

  public init(
    name: JSONText, description: JSONText? = nil, parameters: JSONFragment? = nil,
    isStrict: Bool? = nil, cacheControl: JSONFragment? = nil
  ) {
    self.name = name
    self.description = description
    self.parameters = parameters
    self.isStrict = isStrict
    self.cacheControl = cacheControl
  }
}

public enum ToolChoice: Sendable {
  case auto
  case none
  /// At least one call.
  case required
  case named(JSONText)
  /// Only these may be called (OpenAI `allowed_tools`).
  case allowed([JSONText], isRequired: Bool)
}
