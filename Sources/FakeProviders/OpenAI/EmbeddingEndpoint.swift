// SPDX-License-Identifier: MIT

internal import ControlPlane
internal import FoundationEssentials

/// `/v1/embeddings`: unit vectors that depend on the text alone, and not on the model's name.
///
/// A vector is the sum of one fixed pseudo-random vector per token, brought to length one: equal
/// texts are equal, texts that share words are near each other. With `dimensions` it is the head
/// of the full vector, brought to length one again, as the real models do.
struct EmbeddingEndpoint {
  static let inputsMaximum = 2048
  static let tokensMaximum = 8192

  private var model = ""
  private var inputs: [TokenInput] = []
  private var dimensions = 1536
  private var isBase64 = false

  init(_ body: JSONValue) throws(ProviderError) {
    var fields = FieldReader(body)
    model = fields.requiredString("model") ?? ""
    inputs = TokenInput.read(&fields, "input", limit: Self.inputsMaximum)
    let full = model.hasSuffix("-large") ? 3072 : 1536
    dimensions = Int(fields.integer("dimensions", in: 1...Int64(full)) ?? Int64(full))
    switch fields.string("encoding_format") {
    case nil, "float": break
    case "base64": isBase64 = true
    case .some(let other): fields.refuse("encoding_format", "`\(other)` is not an encoding format")
    }
    for (index, input) in inputs.enumerated() {
      if input == .text("") { fields.refuse("input[\(index)]", "must not be empty") }
      if input.tokenCount > Self.tokensMaximum {
        fields.refuse("input[\(index)]", "has more than \(Self.tokensMaximum) tokens")
      }
    }
    if let problem = fields.problems.first { throw ProviderError(problem) }
  }

  func answer() -> ProviderAnswer {
    // Written by hand: a large batch is millions of numbers.
    var bytes = Array(#"{"object":"list","data":["#.utf8)
    for (index, input) in inputs.enumerated() {
      bytes.append(contentsOf: (index > 0 ? "," : "").utf8)
      bytes.append(contentsOf: #"{"object":"embedding","index":\#(index),"embedding":"#.utf8)
      appendVector(Self.vector(for: input, dimensions: dimensions), to: &bytes)
      bytes.append(UInt8(ascii: "}"))
    }
    let tokens = inputs.reduce(0) { $0 + $1.tokenCount }
    bytes.append(contentsOf: #"],"model":"#.utf8)
    JSONValue.appendQuoted(model, to: &bytes)
    bytes.append(
      contentsOf: #","usage":{"prompt_tokens":\#(tokens),"total_tokens":\#(tokens)}}"#.utf8)
    return ProviderAnswer(
      status: 200, body: .whole(bytes, contentType: "application/json"))
  }

  private func appendVector(_ vector: [Float], to bytes: inout [UInt8]) {
    if isBase64 {
      var raw: [UInt8] = []
      raw.reserveCapacity(vector.count * 4)
      for value in vector {
        let bits = value.bitPattern
        for shift in stride(from: UInt32(0), to: 32, by: 8) {
          raw.append(UInt8(truncatingIfNeeded: bits >> shift))
        }
      }
      bytes.append(UInt8(ascii: "\""))
      bytes.append(contentsOf: Data(raw).base64EncodedData())
      bytes.append(UInt8(ascii: "\""))
      return
    }
    for (index, value) in vector.enumerated() {
      bytes.append(UInt8(ascii: index == 0 ? "[" : ","))
      bytes.append(contentsOf: "\(value)".utf8)
    }
    bytes.append(UInt8(ascii: "]"))
  }

  /// The unit vector of `input`.
  static func vector(for input: TokenInput, dimensions: Int) -> [Float] {
    var sum = [Float](repeating: 0, count: dimensions)
    for seed in seeds(input) {
      var random = StableRandom(seed: seed)
      // Each draw gives two components of 32 bits in -1...1.
      for index in stride(from: 0, to: dimensions, by: 2) {
        let bits = random.next()
        sum[index] += component(UInt32(truncatingIfNeeded: bits))
        if index + 1 < dimensions { sum[index + 1] += component(UInt32(bits >> 32)) }
      }
    }
    var squares: Float = 0
    for value in sum { squares += value * value }
    if squares == 0 {
      sum[0] = 1
      return sum
    }
    let scale = 1 / squares.squareRoot()
    return sum.map { $0 * scale }
  }

  private static func component(_ bits: UInt32) -> Float {
    Float(Int32(bitPattern: bits)) / Float(Int32.max)
  }

  private static func seeds(_ input: TokenInput) -> [UInt64] {
    switch input {
    case .text(let text):
      return TokenEstimate.split(text.lowercased()).map { token in
        var hash = StableHash()
        hash.combine(token.hasPrefix(" ") ? token.dropFirst() : token)
        return hash.value
      }
    case .tokens(let numbers):
      return numbers.map { number in
        var hash = StableHash()
        hash.combine(number)
        return hash.value
      }
    }
  }
}
