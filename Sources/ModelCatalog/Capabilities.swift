// SPDX-License-Identifier: MIT

/// What a model can do, one bit each. The names are those of `config/models.yaml` and of the
/// `capabilities` set that policies see.
@frozen
public struct Capabilities: OptionSet, BitwiseCopyable, Hashable, Sendable {
  public let rawValue: UInt32
  @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }

  public static let chat = Capabilities(rawValue: 1 << 0)
  public static let completion = Capabilities(rawValue: 1 << 1)
  public static let embeddings = Capabilities(rawValue: 1 << 2)
  public static let tools = Capabilities(rawValue: 1 << 3)
  public static let parallelTools = Capabilities(rawValue: 1 << 4)
  public static let vision = Capabilities(rawValue: 1 << 5)
  public static let documents = Capabilities(rawValue: 1 << 6)
  public static let audioInput = Capabilities(rawValue: 1 << 7)
  public static let audioOutput = Capabilities(rawValue: 1 << 8)
  public static let videoInput = Capabilities(rawValue: 1 << 9)
  public static let reasoning = Capabilities(rawValue: 1 << 10)
  public static let jsonSchema = Capabilities(rawValue: 1 << 11)
  public static let promptCaching = Capabilities(rawValue: 1 << 12)
  public static let webSearch = Capabilities(rawValue: 1 << 13)
  public static let rerank = Capabilities(rawValue: 1 << 14)
  public static let imageGeneration = Capabilities(rawValue: 1 << 15)
  public static let transcription = Capabilities(rawValue: 1 << 16)
  public static let speech = Capabilities(rawValue: 1 << 17)
  public static let moderation = Capabilities(rawValue: 1 << 18)

  /// What passes to servers with OpenAI's API and is no chat.
  public static let media: Capabilities = [
    .rerank, .imageGeneration, .transcription, .speech, .moderation,
  ]

  /// Every capability with its name, in order of bit.
  public static let named: [(name: String, value: Capabilities)] = [
    ("chat", .chat), ("completion", .completion), ("embeddings", .embeddings),
    ("tools", .tools), ("parallel_tools", .parallelTools), ("vision", .vision),
    ("documents", .documents), ("audio_input", .audioInput), ("audio_output", .audioOutput),
    ("video_input", .videoInput), ("reasoning", .reasoning), ("json_schema", .jsonSchema),
    ("prompt_caching", .promptCaching), ("web_search", .webSearch),
    ("rerank", .rerank), ("image_generation", .imageGeneration), ("transcription", .transcription),
    ("speech", .speech), ("moderation", .moderation),
  ]

  /// The capability called `name`, or nil.
  public init?(name: String) {
    guard let found = Self.named.first(where: { $0.name == name }) else { return nil }
    self = found.value
  }

  /// The names of the capabilities in the set, in order of bit.
  public var names: [String] { Self.named.filter { contains($0.value) }.map(\.name) }
}
