// SPDX-License-Identifier: MIT

public import Bytes
internal import DecisionIR
public import ModelCatalog

/// What a permit asks for beside allowing: its annotations, read once per snapshot.
@frozen
public struct PolicyObligations: BitwiseCopyable, Sendable {
  /// `@max_output_tokens`; -1 when absent.
  public var maximumOutputTokens: Int64 = -1
  /// `@timeout_ms`; -1 when absent.
  public var timeoutMilliseconds: Int32 = -1
  /// `@keep_alive_ms`, 0 for none; -1 when absent.
  public var keepAliveMilliseconds: Int32 = -1
  /// `@weight` times 10^4; -1 when absent.
  public var weight: Int64 = -1
  /// `@tag`; empty when absent.
  public var tag: ByteView = .empty
  /// `@strategy`.
  public var strategy: RoutingStrategy?
  /// `@hedge`.
  public var hedge = HedgeDelay.off
  /// `@fallback`.
  public var fallback: GroupIndex?
  /// `@cache("off")`.
  public var isCacheOff = false

  public init() {}
}

extension PolicyObligations {
  /// What is asked for, by the annotations' names, for people. Cold: makes strings.
  public func texts(in catalog: Catalog) -> [(name: String, value: String)] {
    var result: [(name: String, value: String)] = []
    if maximumOutputTokens >= 0 { result.append(("max_output_tokens", "\(maximumOutputTokens)")) }
    if timeoutMilliseconds >= 0 { result.append(("timeout_ms", "\(timeoutMilliseconds)")) }
    if keepAliveMilliseconds >= 0 { result.append(("keep_alive_ms", "\(keepAliveMilliseconds)")) }
    if hedge.isOn { result.append(("hedge", hedge.text)) }
    if isCacheOff { result.append(("cache", "off")) }
    if let fallback { result.append(("fallback", catalog.group(fallback).name.string)) }
    if !tag.isEmpty { result.append(("tag", tag.string)) }
    return result
  }
}

/// A policy as the data plane sees it. The views live as long as the snapshot.
@frozen
public struct PolicyRow: BitwiseCopyable, Sendable {
  /// Its `@id`, or `policyN` by place.
  public let id: ByteView
  public let isForbid: Bool
  public let obligations: PolicyObligations
}

/// An annotation that cannot be obeyed.
public struct ObligationProblem: Error, Hashable, Sendable, CustomStringConvertible {
  public var policy: String
  public var file: String
  public var line: Int
  public var message: String

  public var description: String { "\(file):\(line): policy `\(policy)`: \(message)" }
}

/// Reads the annotations of every policy of a program.
struct ObligationReader {
  let catalog: Catalog
  let arena: TextArena
  private(set) var rows: [PolicyRow] = []
  private(set) var problems: [ObligationProblem] = []

  static let outputTokensMaximum: Int64 = 1_000_000_000
  static let timeoutMillisecondsMaximum: Int64 = 86_400_000
  static let keepAliveMillisecondsMaximum: Int64 = 3_600_000
  static let weightMaximum: Int64 = 10_000

  init(catalog: Catalog, arena: TextArena) {
    self.catalog = catalog
    self.arena = arena
  }

  mutating func read(_ program: Program) {
    for index in 0..<program.policyCount {
      let metadata = program.metadata(of: index)
      let obligations = metadata.isForbid ? PolicyObligations() : obligations(of: metadata)
      rows.append(
        PolicyRow(
          id: arena.intern(metadata.id), isForbid: metadata.isForbid, obligations: obligations))
    }
  }

  private mutating func obligations(of metadata: PolicyMetadata) -> PolicyObligations {
    var result = PolicyObligations()
    if let text = metadata.annotation("max_output_tokens") {
      result.maximumOutputTokens = number(
        text, "max_output_tokens", 1...Self.outputTokensMaximum, metadata)
    }
    if let text = metadata.annotation("timeout_ms") {
      result.timeoutMilliseconds = Int32(
        number(text, "timeout_ms", 1...Self.timeoutMillisecondsMaximum, metadata))
    }
    if let text = metadata.annotation("keep_alive_ms") {
      result.keepAliveMilliseconds = Int32(
        number(text, "keep_alive_ms", 0...Self.keepAliveMillisecondsMaximum, metadata))
    }
    if let text = metadata.annotation("weight") {
      result.weight = number(text, "weight", 1...Self.weightMaximum, metadata)
    }
    if let text = metadata.annotation("tag") { result.tag = arena.intern(text) }
    if let text = metadata.annotation("strategy") {
      result.strategy = RoutingStrategy(name: text)
      if result.strategy == nil {
        let names = RoutingStrategy.allCases.map(\.name).joined(separator: ", ")
        report(metadata, "`@strategy(\"\(text)\")` is none of \(names)")
      }
    }
    if let text = metadata.annotation("hedge") {
      result.hedge = HedgeDelay(text) ?? .off
      if !result.hedge.isOn {
        report(
          metadata,
          "`@hedge(\"\(text)\")` is neither `p95` nor a delay from `1ms` to `60s`, such as `250ms`")
      }
    }
    if let text = metadata.annotation("cache") {
      result.isCacheOff = text == "off"
      if text != "off", text != "on" {
        report(metadata, "`@cache(\"\(text)\")` is neither `on` nor `off`")
      }
    }
    if let text = metadata.annotation("fallback") {
      result.fallback = text.withByteView { catalog.group(named: $0) }
      if result.fallback == nil {
        let near = text.withByteView { catalog.nearestNames(to: $0) }
        let hint = near.isEmpty ? "" : "; did you mean `\(near[0])`?"
        report(metadata, "`@fallback(\"\(text)\")` names no model group" + hint)
      }
    }
    return result
  }

  private mutating func number(
    _ text: String, _ name: String, _ range: ClosedRange<Int64>, _ metadata: PolicyMetadata
  ) -> Int64 {
    if let value = Int64(text), range.contains(value) { return value }
    report(
      metadata,
      "`@\(name)(\"\(text)\")` must be a whole number from \(range.lowerBound) to "
        + "\(range.upperBound)")
    return -1
  }

  private mutating func report(_ metadata: PolicyMetadata, _ message: String) {
    problems.append(
      ObligationProblem(
        policy: metadata.id, file: metadata.file, line: metadata.line, message: message))
  }
}
