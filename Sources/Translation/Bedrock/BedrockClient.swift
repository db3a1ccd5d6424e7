// SPDX-License-Identifier: MIT

public import JSON

/// Clients of AWS Bedrock's Converse API, such as boto3's `bedrock-runtime`. The model's name and
/// whether a stream is wanted stand in the path (`/model/{id}/converse[-stream]`), so that whoever
/// routes fills them in. (Amazon Bedrock API Reference; the service model of botocore.)
public enum BedrockClient: ClientWire {
  public static let name: StaticString = "bedrock"
  public static let streamContentType: StaticString = "application/vnd.amazon.eventstream"

  public static func readRequest(_ body: JSONNode) throws(TranslationError) -> ChatRequest {
    guard body.isObject else { throw .invalid("body", "must be an object") }
    var reader = BedrockRequestReader()
    for member in body.members where member.value.kind != .null {
      try reader.read(member.name, member.value)
    }
    return try reader.finish()
  }

  public static func writeResponse(
    _ response: ChatResponse, _ context: AnswerContext
  ) -> [UInt8] {
    BedrockResponseWriter.write(response, context)
  }

  public static func writeError(_ error: ProviderError, _ context: AnswerContext) -> [UInt8] {
    var json = JSONBuilder()
    json.object { $0.member("message", string: error.message) }
    return json.finish()
  }

  public static func errorHeaderFields(
    for error: ProviderError
  ) -> [(name: StaticString, value: StaticString)] {
    [("x-amzn-errortype", BedrockErrors.name(of: error.kind))]
  }

  public static func makeStreamEncoder(_ context: AnswerContext) -> any StreamEncoder {
    BedrockStreamEncoder(context)
  }
}
