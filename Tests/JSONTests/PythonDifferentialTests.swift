// SPDX-License-Identifier: MIT

import Foundation
import JSON
import TestSupport
import Testing

/// Accepts and refuses the same texts as Python's `json` in strict mode, where it is installed. The
/// reference also refuses what the scanner refuses on purpose: NaN and Infinity, unpaired
/// surrogates, more than 128 levels, anything but an object.
@Suite struct PythonDifferentialTests {
  static let reference = """
    import json, sys
    def no(_): raise ValueError
    def depth(v, d=1):
      if isinstance(v, dict): return max([d] + [depth(x, d + 1) for x in v.values()])
      if isinstance(v, list): return max([d] + [depth(x, d + 1) for x in v])
      return d - 1
    out = []
    data = open(sys.argv[1], 'rb').read()
    i = 0
    while i < len(data):
      n = int.from_bytes(data[i:i+4], 'little'); t = data[i+4:i+4+n]; i += 4 + n
      try:
        keep = []
        def pairs(p): keep.append(p); return dict(p)
        v = json.loads(t.decode('utf-8'), parse_constant=no, object_pairs_hook=pairs)
        json.dumps(keep, ensure_ascii=False).encode('utf-8')
        ok = isinstance(v, dict) and depth(v) <= 128
      except (ValueError, RecursionError): ok = False
      out.append('1' if ok else '0')
    sys.stdout.write(''.join(out))
    """

  @Test(.timeLimit(.minutes(2))) func sameVerdictAsPython() throws {
    let texts = Self.texts(count: 6_000, seed: 20_261_126)
    var data = Data()
    for text in texts {
      withUnsafeBytes(of: UInt32(text.count).littleEndian) { data.append(contentsOf: $0) }
      data.append(contentsOf: text)
    }
    guard let verdicts = try Self.verdicts(on: data) else {
      print("SKIPPED: python3 is not installed; the JSON scanner was not compared with it")
      return
    }
    #expect(verdicts.count == texts.count)
    var acceptedCount = 0
    for (text, verdict) in zip(texts, verdicts) {
      let isAccepted = scanRequest(text).0 == .accepted
      acceptedCount += isAccepted ? 1 : 0
      #expect(
        isAccepted == (verdict == UInt8(ascii: "1")),
        "\(String(decoding: text, as: UTF8.self).debugDescription)")
    }
    // Both verdicts must occur often, or the comparison says nothing.
    #expect(acceptedCount > 500 && acceptedCount < texts.count - 500)
  }

  private static func verdicts(on data: Data) throws -> [UInt8]? {
    let directory = FileManager.default.temporaryDirectory
    let file = directory.appendingPathComponent("json-\(UUID().uuidString).bin")
    try data.write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-c", reference, file.path]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let verdicts = try output.fileHandleForReading.readToEnd()
    process.waitUntilExit()
    if process.terminationStatus == 127 { return nil }
    #expect(process.terminationStatus == 0)
    return verdicts.map { [UInt8]($0) } ?? []
  }

  /// Generated objects, each as it is and several times with bytes changed, put in, taken out or
  /// repeated.
  static func texts(count: Int, seed: UInt64) -> [[UInt8]] {
    var generator = SeededGenerator(seed: seed)
    var texts: [[UInt8]] = []
    while texts.count < count {
      let text = Array(object(depth: 0, &generator).utf8)
      texts.append(text)
      for _ in 0..<3 { texts.append(mutated(text, &generator)) }
    }
    return Array(texts.prefix(count))
  }

  private static let pieces = Array(
    "{}[]\",:\\/0123456789-+.eEu dDtrufalsn\u{e9}\n\t \u{0}\u{1f600}".utf8)

  private static func mutated(_ text: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
    var text = text
    for _ in 0..<Int.random(in: 1...3, using: &generator) {
      guard !text.isEmpty else { return text }
      let index = Int.random(in: 0..<text.count, using: &generator)
      let piece = pieces.randomElement(using: &generator) ?? 0
      switch Int.random(in: 0..<6, using: &generator) {
      case 0: text[index] = piece
      case 1: text.insert(piece, at: index)
      case 2: text.remove(at: index)
      case 3: text[index] = UInt8.random(in: 0...255, using: &generator)
      case 4: text.append(contentsOf: text[index...].prefix(8))
      default: text.removeLast(min(text.count, index % 9))
      }
    }
    return text
  }

  private static func object(depth: Int, _ generator: inout SeededGenerator) -> String {
    let names = [
      "model", "messages", "stream", "stream_options", "include_usage", "a", "\\u0061", "",
    ]
    let members = (0..<Int.random(in: 0...4, using: &generator)).map { _ in
      let name = names.randomElement(using: &generator) ?? ""
      return space(&generator) + "\"\(name)\"" + space(&generator) + ":"
        + value(depth: depth + 1, &generator)
    }
    return "{" + members.joined(separator: ",") + space(&generator) + "}"
  }

  private static func value(depth: Int, _ generator: inout SeededGenerator) -> String {
    let scalars = [
      "0", "-1.5e+10", "12345678901234567890", "true", "false", "null", "\"\"",
      "\"text of some length\"",
      "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\ud83d\\ude00\"", "\"\\ud83d\"",
      "\"\u{e9}\u{4e2d}\u{1f600}\"", "-0", "1E5",
      "0.25", "NaN", "-Infinity", "\"\\u12aF\"",
    ]
    let choice = Int.random(in: 0..<(depth > 5 ? 6 : 9), using: &generator)
    switch choice {
    case 6, 7: return space(&generator) + object(depth: depth, &generator)
    case 8:
      let elements = (0..<Int.random(in: 0...4, using: &generator)).map { _ in
        value(depth: depth + 1, &generator)
      }
      return "[" + elements.joined(separator: ",") + space(&generator) + "]"
    default:
      return space(&generator) + (scalars.randomElement(using: &generator) ?? "0")
        + space(&generator)
    }
  }

  private static func space(_ generator: inout SeededGenerator) -> String {
    ["", "", "", " ", "\n", "\t\r "].randomElement(using: &generator) ?? ""
  }
}
