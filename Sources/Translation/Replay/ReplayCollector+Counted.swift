// SPDX-License-Identifier: MIT

internal import JSON

extension ReplayCollector {
  /// What servers write before or instead of a tool's name.
  private static let words = [
    "function", "functions", "functioncall", "functionscall", "toolcall", "toolcalls", "tooluse",
  ]

  /// Whether an id may be that of another answer's call, too: it is no more than a count, with or
  /// without the tool's name (`functions.get_weather:0` of Kimi's models, `call_0`).
  static func isCounted(_ id: JSONText, of name: JSONText) -> Bool {
    var runs = id.plainBytes.split { !isAlphanumeric($0) }
    while let last = runs.last, last.count < 8, last.allSatisfy({ (0x30...0x39).contains($0) }) {
      runs.removeLast()
    }
    let stem = ArraySlice(runs.joined())
    let name = name.plainBytes.filter(isAlphanumeric)
    return saysNothing(stem)
      || stem.starts(with: name) && saysNothing(stem.dropFirst(name.count))
      || stem.suffix(name.count).elementsEqual(name) && saysNothing(stem.dropLast(name.count))
  }

  private static func saysNothing(_ text: ArraySlice<UInt8>) -> Bool {
    text.count < 8 || words.contains { text.elementsEqual($0.utf8) }
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
    default: false
    }
  }
}
