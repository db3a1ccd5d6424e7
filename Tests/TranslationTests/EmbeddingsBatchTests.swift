// SPDX-License-Identifier: MIT

import JSON
import Testing

@testable import Translation

struct EmbeddingsBatchTests {
  private let target = UpstreamModel(name: "embedder")

  private func request(_ count: Int) -> EmbeddingsRequest {
    var request = EmbeddingsRequest()
    request.inputs = (0..<count).map { JSONText("text \($0)") }
    request.dimensions = JSONFragment(8)
    return request
  }

  private func answer(_ part: EmbeddingsRequest, tokens: UInt64?) -> EmbeddingsResponse {
    var response = EmbeddingsResponse()
    response.vectors = part.inputs.map { JSONFragment(literal: "[1]").named($0) }
    response.inputTokens = tokens
    response.model = "m"
    return response
  }

  @Test(arguments: [(1, 3), (3, 3), (4, 3), (7, 3), (6, 3), (5, 1), (9, Int.max)])
  func partsAreJoinedInOrder(_ count: Int, _ most: Int) throws {
    var batch = try EmbeddingsBatch(request(count), most: most, for: target)
    var sizes: [Int] = []
    while !batch.isComplete {
      let part = batch.next
      #expect(part.dimensions == JSONFragment(8))
      sizes.append(part.inputs.count)
      batch.add(answer(part, tokens: 2))
    }
    #expect(sizes.reduce(0, +) == count && sizes.allSatisfy { (1...most).contains($0) })
    #expect(sizes.count == (count - 1) / most + 1)
    let texts = batch.response.vectors.map { String(decoding: $0.bytes, as: UTF8.self) }
    #expect(texts == (0..<count).map { "\"text \($0)\"" })
    #expect(batch.response.inputTokens == UInt64(2 * sizes.count))
    #expect(batch.response.model.plain == "m")
  }

  @Test func aSumWithoutAPartIsNone() throws {
    for silent in 0..<3 {
      var batch = try EmbeddingsBatch(request(3), most: 1, for: target)
      for part in 0..<3 { batch.add(answer(batch.next, tokens: part == silent ? nil : 5)) }
      #expect(batch.isComplete && batch.response.inputTokens == nil)
    }
  }

  @Test func tooManyPartsAreRefused() throws {
    let most = 2
    _ = try EmbeddingsBatch(request(most * EmbeddingsBatch.partsMaximum), most: most, for: target)
    let error = #expect(throws: TranslationError.self) {
      try EmbeddingsBatch(request(most * EmbeddingsBatch.partsMaximum + 1), most: most, for: target)
    }
    #expect(error?.kind == .invalidRequest && error?.parameter == "input")
    #expect(error?.message.contains("512 texts are the most") == true)
  }

  @Test func googlesLimits() {
    func most(_ name: String, _ dialect: UpstreamModel.Dialect) -> Int {
      GeminiEmbeddings.inputsMaximum(of: UpstreamModel(name: name, dialect: dialect))
    }
    #expect(most("gemini-embedding-001", .plain) == 100)
    #expect(most("gemini-embedding-001", .vertex) == 1)
    #expect(most("text-embedding-005", .vertex) == 250)
    #expect(OpenAIEmbeddings.inputsMaximum(of: target) == .max)
  }
}

extension JSONFragment {
  /// A stand-in for a vector that says whose it is.
  fileprivate func named(_ text: JSONText) -> JSONFragment {
    JSONFragment(validated: [0x22] + text.escaped + [0x22])
  }
}
