// SPDX-License-Identifier: MIT

internal import JSON

/// A request for embeddings of more texts than its provider takes at once: asked for in parts, one
/// after another, and answered as one.
public struct EmbeddingsBatch: Sendable {
  /// More questions for one request are a client's to ask.
  public static let partsMaximum = 256

  public let whole: EmbeddingsRequest
  private let partCount: Int
  /// The answers so far, in the order of the texts.
  public private(set) var response = EmbeddingsResponse()
  /// A part's answer did not say what it took: a sum would say too little.
  private var lacksUsage = false

  /// - Parameter most: texts that the provider takes at once.
  /// - Throws: `invalidRequest` where that comes to too many parts.
  public init(
    _ whole: EmbeddingsRequest, most: Int, for target: UpstreamModel
  ) throws(TranslationError) {
    self.whole = whole
    partCount = max(most, 1)
    let maximum = partCount.multipliedReportingOverflow(by: Self.partsMaximum)
    guard maximum.overflow || whole.inputs.count <= maximum.partialValue else {
      throw TranslationError(
        .invalidRequest,
        "The provider of '\(target.name)' takes \(partCount) texts at once, and the gateway asks "
          + "it at most \(Self.partsMaximum) times: \(maximum.partialValue) texts are the most, "
          + "and this request has \(whole.inputs.count).", parameter: "input")
    }
  }

  public var isComplete: Bool { response.vectors.count >= whole.inputs.count }

  /// The question for the next texts.
  public var next: EmbeddingsRequest {
    var part = whole
    let start = response.vectors.count
    part.inputs = Array(whole.inputs[start..<min(start + partCount, whole.inputs.count)])
    return part
  }

  /// Takes the answer to `next`, which has as many vectors as that has texts.
  public mutating func add(_ part: EmbeddingsResponse) {
    let before = response.inputTokens ?? 0
    lacksUsage = lacksUsage || part.inputTokens == nil
    response.inputTokens = lacksUsage ? nil : before &+ (part.inputTokens ?? 0)
    if response.model.isEmpty { response.model = part.model }
    response.vectors += part.vectors
  }
}
