// SPDX-License-Identifier: MIT

/// A model's place in its catalogue: dense, `0..<catalog.modelCount`, in order of name.
/// The order of names is what makes the last step of the ranking a comparison of integers.
@frozen
public struct ModelIndex: BitwiseCopyable, Hashable, Comparable, Sendable {
  public let rawValue: UInt16
  @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }
  @inlinable public static func < (left: Self, right: Self) -> Bool {
    left.rawValue < right.rawValue
  }
}

/// A deployment's place in its catalogue: dense, `0..<catalog.deploymentCount`.
@frozen
public struct DeploymentIndex: BitwiseCopyable, Hashable, Comparable, Sendable {
  public let rawValue: UInt16
  @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }
  @inlinable public static func < (left: Self, right: Self) -> Bool {
    left.rawValue < right.rawValue
  }
}

/// The place of a group or alias in its catalogue, in the order of the configuration.
@frozen
public struct GroupIndex: BitwiseCopyable, Hashable, Sendable {
  public let rawValue: UInt16
  @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }
}

/// A provider's place in its catalogue, in order of name.
@frozen
public struct ProviderIndex: BitwiseCopyable, Hashable, Sendable {
  public let rawValue: UInt16
  @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }
}

/// A gateway's place in its catalogue, in the order of the configuration.
@frozen
public struct GatewayIndex: BitwiseCopyable, Hashable, Sendable {
  public let rawValue: UInt16
  @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }
}
