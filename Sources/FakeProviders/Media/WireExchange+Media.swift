// SPDX-License-Identifier: MIT

internal import ControlPlane
internal import FoundationEssentials

/// OpenAI's images, audio and moderations, and rankings as Cohere and Jina have them.
extension WireExchange {
  static let mediaEndpoints = [
    "/rerank", "/images/generations", "/images/edits", "/images/variations",
    "/audio/transcriptions", "/audio/translations", "/audio/speech", "/moderations",
  ]

  mutating func media(_ endpoint: String) throws(ProviderError) -> ProviderAnswer {
    let isForm = [
      "/images/edits", "/images/variations", "/audio/transcriptions",
      "/audio/translations",
    ].contains(endpoint)
    let body = try isForm ? readForm() : readBody()
    if let answer = scriptedFailure { return answer }
    let model = body["model"]?.stringValue
    if model == nil, endpoint != "/moderations" {
      throw .invalidRequest("you must provide a model parameter", parameter: "model")
    }
    if let model, !knowsModel(model) { throw .unknownModel(model) }
    switch endpoint {
    case "/rerank": return try ranking(body)
    case "/moderations": return try moderation(body)
    case "/audio/speech": return try speech(body)
    case "/audio/transcriptions", "/audio/translations":
      return try transcription(body, isTranslation: endpoint == "/audio/translations")
    default: return try images(body, needsFile: endpoint != "/images/generations")
    }
  }

  // MARK: Rankings

  private func ranking(_ body: JSONValue) throws(ProviderError) -> ProviderAnswer {
    guard let query = body["query"]?.stringValue, let documents = body["documents"]?.arrayValue
    else { throw .invalidRequest("query and documents are required") }
    let wanted = Set(TokenEstimate.split(query.lowercased()).map(Self.word))
    let scores = documents.enumerated().map { index, document in
      let text = document.stringValue ?? document["text"]?.stringValue ?? ""
      let words = Set(TokenEstimate.split(text.lowercased()).map(Self.word))
      return (index, Double(wanted.intersection(words).count) / Double(max(wanted.count, 1)))
    }
    let ranked = scores.sorted { $0.1 != $1.1 ? $0.1 > $1.1 : $0.0 < $1.0 }
    let count = min(Int(body["top_n"]?.integerValue ?? Int64(documents.count)), documents.count)
    return .json([
      "model": body["model"] ?? .null,
      "results": .array(
        ranked.prefix(max(count, 0)).map {
          ["index": JSONValue($0.0), "relevance_score": .number($0.1)]
        }),
      "meta": ["billed_units": ["search_units": 2]],
    ])
  }

  private static func word(_ token: some StringProtocol) -> String {
    String(token.hasPrefix(" ") ? token.dropFirst() : token[...])
  }

  // MARK: Moderations

  private func moderation(_ body: JSONValue) throws(ProviderError) -> ProviderAnswer {
    guard let input = body["input"] else { throw .invalidRequest("input is required") }
    let texts = input.arrayValue ?? [input]
    let categories = ["harassment", "hate", "violence"]
    return .json([
      "id": "modr-0123456789", "model": .string(body["model"]?.stringValue ?? "omni"),
      "results": .array(
        texts.map { text in
          let isFlagged = (text.stringValue ?? text["text"]?.stringValue ?? "").contains("kill")
          return [
            "flagged": .boolean(isFlagged),
            "categories": .object(
              categories.map { .init($0, .boolean(isFlagged && $0 == "violence")) }),
            "category_scores": .object(categories.map { .init($0, .number(0.1)) }),
            "category_applied_input_types": .object(
              categories.map { .init($0, .array(["text"])) }),
          ]
        }),
    ])
  }

  // MARK: Audio

  private func speech(_ body: JSONValue) throws(ProviderError) -> ProviderAnswer {
    guard let input = body["input"]?.stringValue, !input.isEmpty else {
      throw .invalidRequest("input is required", parameter: "input")
    }
    let sound = Array("ID3".utf8) + Array(String(repeating: input + "\r\n\r\n", count: 64).utf8)
    guard body["stream_format"]?.stringValue == "sse" else {
      return ProviderAnswer(status: 200, body: .whole(sound, contentType: "audio/mpeg"))
    }
    let half = sound.count / 2
    let pieces = [sound[..<half], sound[half...]].map { piece -> StreamEvent in
      .chunk([
        "type": "speech.audio.delta", "audio": .string(Data(piece).base64EncodedString()),
      ])
    }
    return .stream(
      pieces + [
        .finish([
          "type": "speech.audio.done",
          "usage": ["input_tokens": 5, "output_tokens": 20, "total_tokens": 25],
        ])
      ])
  }

  private func transcription(
    _ body: JSONValue, isTranslation: Bool
  ) throws(ProviderError) -> ProviderAnswer {
    guard let size = body["file"]?["size"]?.integerValue else {
      throw .invalidRequest("file is required", parameter: "file")
    }
    let text = "I heard \(size) bytes."
    let tokens: JSONValue = [
      "type": "tokens", "input_tokens": 30, "output_tokens": 10, "total_tokens": 40,
      "input_token_details": ["text_tokens": 2, "audio_tokens": 28],
    ]
    if body["stream"]?.stringValue == "true" {
      let words = text.split(separator: " ").map { word -> StreamEvent in
        .chunk(["type": "transcript.text.delta", "delta": .string("\(word) ")])
      }
      return .stream(
        words + [
          .finish(["type": "transcript.text.done", "text": .string(text), "usage": tokens])
        ])
    }
    switch body["response_format"]?.stringValue ?? "json" {
    case "text", "srt", "vtt":
      return ProviderAnswer(
        status: 200,
        body: .whole(Array((text + "\n").utf8), contentType: "text/plain; charset=utf-8"))
    case "verbose_json":
      return .json([
        "task": isTranslation ? "translate" : "transcribe", "language": "english",
        "duration": 2.5, "text": .string(text), "segments": .array([]),
      ])
    default:
      let isWhisper = body["model"]?.stringValue?.hasPrefix("whisper") == true
      return .json([
        "text": .string(text), "usage": isWhisper ? ["type": "duration", "seconds": 90] : tokens,
      ])
    }
  }

  // MARK: Images

  private func images(_ body: JSONValue, needsFile: Bool) throws(ProviderError) -> ProviderAnswer {
    if needsFile, body["image"] == nil, body["image[]"] == nil {
      throw .invalidRequest("image is required", parameter: "image")
    }
    let given = body["n"]?.integerValue ?? body["n"]?.stringValue.flatMap { Int64($0) }
    let count = given ?? 1
    guard (1...10).contains(count) else {
      throw .invalidRequest("n must be from 1 to 10", parameter: "n")
    }
    let picture = JSONValue.string(picture(size: body["size"]?.stringValue).base64EncodedString())
    let usage: JSONValue = ["input_tokens": 10, "output_tokens": 100, "total_tokens": 110]
    if body["stream"]?.booleanValue == true || body["stream"]?.stringValue == "true" {
      let name = needsFile ? "image_edit" : "image_generation"
      return .stream([
        .chunk([
          "type": .string("\(name).partial_image"), "b64_json": picture,
          "partial_image_index": 0,
        ]),
        .finish(["type": .string("\(name).completed"), "b64_json": picture, "usage": usage]),
      ])
    }
    let isToken = body["model"]?.stringValue?.hasPrefix("gpt-image") == true
    var members: [JSONValue.Member] = [
      .init("created", .integer(now)),
      .init("data", .array((0..<count).map { _ in ["b64_json": picture] })),
    ]
    if isToken { members.append(.init("usage", usage)) }
    return .json(.object(members))
  }

  /// As many bytes as a picture of this size has points, since real ones are large, too.
  private func picture(size: String?) -> Data {
    var picture = Data([0x89]) + Data("PNG scripted".utf8)
    let sides = (size ?? "").split(separator: "x").compactMap { Int($0) }
    if sides.count == 2, sides.allSatisfy({ (1...2_048).contains($0) }) {
      picture.append(Data(count: sides[0] * sides[1]))
    }
    return picture
  }

  // MARK: Forms

  /// The fields of a form as members of an object; a file as its size.
  private mutating func readForm() throws(ProviderError) -> JSONValue {
    let type = request.header("content-type") ?? ""
    let parts = type.split(separator: "boundary=", maxSplits: 1)
    guard type.hasPrefix("multipart/form-data"), parts.count == 2 else {
      throw .invalidRequest("Content-Type must be multipart/form-data")
    }
    let boundary = parts[1].prefix { $0 != ";" }.filter { $0 != "\"" }
    let end = Array("\r\n--\(boundary)".utf8)
    var members: [JSONValue.Member] = []
    var rest = (Array("\r\n".utf8) + request.body)[...]
    guard let first = rest.firstRange(of: end) else { throw .invalidRequest("no boundary") }
    rest = rest[first.upperBound...]
    while rest.starts(with: Array("\r\n".utf8)) {
      guard let blank = rest.firstRange(of: Array("\r\n\r\n".utf8)),
        let next = rest.firstRange(of: end)
      else { throw .invalidRequest("a part without its end") }
      let head = String(decoding: rest[..<blank.lowerBound], as: UTF8.self)
      let from = min(blank.upperBound, next.lowerBound)
      members.append(Self.field(head, rest[from..<next.lowerBound]))
      rest = rest[next.upperBound...]
    }
    guard rest.starts(with: Array("--".utf8)) else {
      throw .invalidRequest("the form is not closed")
    }
    return try readScript(of: .object(members))
  }

  private static func field(_ head: String, _ content: ArraySlice<UInt8>) -> JSONValue.Member {
    let parts = head.split(separator: "; name=\"", maxSplits: 1)
    let name = parts.count == 2 ? String(parts[1].prefix { $0 != "\"" }) : ""
    if head.contains("filename=") { return .init(name, ["size": JSONValue(content.count)]) }
    return .init(name, .string(String(decoding: content, as: UTF8.self)))
  }
}
