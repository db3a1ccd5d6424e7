// SPDX-License-Identifier: MIT

import Bytes

/// One reader of foreign bytes, with the properties that must hold for every input.
///
/// `make fuzz` drives it with libFuzzer under AddressSanitizer; the tests drive it with `Mutator`
/// for a moment. Seeds lie in `Tests/Fuzz/Corpus/<name>/`.
public struct FuzzTarget: Sendable {
  public let name: String
  /// Words that mutations insert: what the format is made of.
  public let dictionary: [String]
  /// - Throws: `FuzzFailure` where a property does not hold. A trap or a sanitizer report is a
  ///   failure too.
  public let run: @Sendable ([UInt8]) throws -> Void

  public static let all: [FuzzTarget] = [
    requestHead, responseHead, http2Fields, chunkedBody, eventStream, multipart, chatRequest,
    upstreamAnswer, traceContext,
    policyText, policyImage, policyRequest, cedarPolicies, cedarPolicyJSON, cedarSchema,
    clientRequest, providerAnswer, providerStream, amazonEventStream, jsonTree,
  ]

  public static func named(_ name: String) -> FuzzTarget? { all.first { $0.name == name } }
}

/// A property that an input broke.
public struct FuzzFailure: Error {
  public let message: String
}

/// - Throws: `FuzzFailure` unless the condition holds.
func require(_ condition: Bool, _ message: @autoclosure () -> String) throws {
  if !condition { throw FuzzFailure(message: message()) }
}

/// Cuts bytes into pieces whose lengths the input itself chooses, so that a fuzzer can search for
/// the cut that matters: the first byte seeds the lengths, the rest is what is cut.
func pieces(of input: [UInt8]) -> (whole: [UInt8], pieces: [ArraySlice<UInt8>]) {
  guard let seed = input.first else { return ([], []) }
  let whole = Array(input.dropFirst())
  var pieces: [ArraySlice<UInt8>] = []
  var state = UInt32(seed) &+ 1
  var start = 0
  while start < whole.count {
    state = state &* 1_664_525 &+ 1_013_904_223
    let length = min(Int(state >> 24) % 24 + 1, whole.count - start)
    pieces.append(whole[start..<start + length])
    start += length
  }
  return (whole, pieces)
}

/// Lends the bytes from an allocation of exactly their size, so that AddressSanitizer sees a read
/// of even one byte too many.
func withView<Result>(
  _ bytes: some Collection<UInt8>, _ body: (ByteView) throws -> Result
) rethrows -> Result {
  let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
  defer { copy.deallocate() }
  _ = copy.initialize(from: bytes)
  guard let base = copy.baseAddress, !bytes.isEmpty else { return try body(.empty) }
  return try body(ByteView(base: UnsafePointer(base), count: bytes.count))
}
