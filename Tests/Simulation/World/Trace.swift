// SPDX-License-Identifier: MIT

/// What happened in a world: a digest of everything, and the last events in words.
///
/// Two runs of one seed are the same run exactly if their digests are equal.
public struct Trace {
  public struct Event {
    let nanoseconds: UInt64
    let name: StaticString
    let first: Int
    let second: Int
    let text: String
  }

  /// FNV-1a over times, names, numbers and every byte that crossed a link.
  public private(set) var digest: UInt64 = 0xcbf2_9ce4_8422_2325
  public private(set) var eventCount = 0
  private var recent: [Event] = []
  private let keptMaximum: Int
  /// Every event goes to standard output as it happens.
  let isPrinted: Bool

  public init(keptMaximum: Int = 400, isPrinted: Bool = false) {
    self.keptMaximum = keptMaximum
    self.isPrinted = isPrinted
    recent.reserveCapacity(keptMaximum)
  }

  mutating func note(_ event: Event) {
    combine(event.nanoseconds)
    combine(UInt64(event.name.utf8CodeUnitCount))
    combine(UInt64(event.name.utf8Start.pointee))
    combine(UInt64(bitPattern: Int64(event.first)))
    combine(UInt64(bitPattern: Int64(event.second)))
    for byte in event.text.utf8 { combine(byte) }
    if recent.count < keptMaximum {
      recent.append(event)
    } else {
      recent[eventCount % keptMaximum] = event
    }
    eventCount += 1
    if isPrinted { print(Self.line(event)) }
  }

  mutating func combine(_ bytes: UnsafeBufferPointer<UInt8>) {
    for byte in bytes { combine(byte) }
  }

  private mutating func combine(_ byte: UInt8) {
    digest = (digest ^ UInt64(byte)) &* 0x100_0000_01b3
  }

  private mutating func combine(_ word: UInt64) {
    digest = (digest ^ word) &* 0x100_0000_01b3
    digest ^= digest >> 29
  }

  /// The last events, oldest first.
  public func lines(last count: Int) -> [String] {
    let start = eventCount > keptMaximum ? eventCount % keptMaximum : 0
    let ordered = recent[start...] + recent[..<start]
    return ordered.suffix(count).map(Self.line)
  }

  private static func line(_ event: Event) -> String {
    let microseconds = event.nanoseconds / 1_000
    let seconds = String(microseconds / 1_000_000)
    let fraction = String(microseconds % 1_000_000)
    let zeros = String(repeating: "0", count: 6 - fraction.count)
    return "\(seconds).\(zeros)\(fraction) \(event.name) \(event.first) \(event.second)"
      + (event.text.isEmpty ? "" : " \(event.text)")
  }
}
