// SPDX-License-Identifier: MIT

public import Bytes
public import JSON

/// AWS Bedrock's Converse API as upstream. (Amazon Bedrock API Reference, "Converse" and
/// "ConverseStream"; the service model of botocore.)
public enum BedrockConverse: ProviderWire {
  public static let name: StaticString = "bedrock"

  public static let framing = StreamFraming.amazonEventStream

  public static func takesTextDocument(_ mediaType: String) -> Bool {
    ["text/plain", "text/csv", "text/html", "text/markdown"].contains(mediaType)
  }

  public static func traits(of model: String) -> ModelTraits { BedrockModels.traits(of: model) }

  /// The model's id is percent-encoded once here; the signature encodes the path a second time.
  public static func requestPath(to target: UpstreamModel, isStream: Bool) -> String {
    "/model/\(PathSegments.encoded(target.name))/converse\(isStream ? "-stream" : "")"
  }

  public static func writeRequest(
    _ request: ChatRequest, to target: UpstreamModel, losses: inout LossReport
  ) throws(TranslationError) -> [UInt8] {
    var writer = BedrockRequestWriter(request, to: target, losses: losses)
    try writer.write()
    losses = writer.losses
    return writer.json.finish()
  }

  public static func readResponse(_ body: JSONNode) throws(TranslationError) -> ChatResponse {
    try BedrockAnswer.read(body)
  }

  public static func readError(
    status: UInt16, headers: ErrorHeaders, body: ByteView
  ) -> ProviderError {
    BedrockErrors.read(status: status, headers: headers, body: body)
  }

  public static func makeStreamDecoder() -> any StreamDecoder { BedrockStreamDecoder() }
}
