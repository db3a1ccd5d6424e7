// SPDX-License-Identifier: MIT

import Accounts
import Bytes
import Testing

@Suite("KeyTable")
struct KeyTableTests {
  static func digest(_ seed: UInt64) -> KeyDigest {
    KeyDigest(seed &* 0x9e37_79b9_7f4a_7c15, seed, ~seed, seed &* 0xbf58_476d_1ce4_e5b9)
  }

  @Test("hexadecimal and raw bytes give the same digest")
  func digests() throws {
    let text = "00000000000000010000000000000002000000000000000300000000000000fF"
    let parsed = try #require(KeyDigest(hexadecimal: text))
    #expect(parsed == KeyDigest(1, 2, 3, 255))
    var bytes = [UInt8](repeating: 0, count: 32)
    (bytes[7], bytes[15], bytes[23], bytes[31]) = (1, 2, 3, 255)
    let view = String(decoding: bytes[0..<31], as: UTF8.self)
    #expect(view.withByteView { KeyDigest(bytes: $0) } == nil)
    let fromBytes = bytes.withUnsafeBufferPointer {
      KeyDigest(bytes: ByteView(base: $0.baseAddress!, count: 32))
    }
    #expect(fromBytes == parsed)
    #expect(KeyDigest(hexadecimal: String(text.dropLast())) == nil)
    #expect(KeyDigest(hexadecimal: "g" + text.dropFirst()) == nil)
  }

  @Test("every key is found by its digest and no other digest is")
  func lookup() throws {
    let table = try KeyTable(
      (0..<2_000).map {
        KeyDescription(digest: Self.digest($0), name: "key-\($0)", user: "user-\($0)", team: "t")
      })
    #expect(table.count == 2_000)
    for seed in UInt64(0)..<2_000 {
      let index = try #require(table.lookup(Self.digest(seed)))
      #expect(table.record(index).user.string == "user-\(seed)")
      let nearly = KeyDigest(
        seed &* 0x9e37_79b9_7f4a_7c15 ^ 1, seed, ~seed, seed &* 0xbf58_476d_1ce4_e5b9)
      #expect(table.lookup(nearly) == nil)
    }
  }

  @Test("an empty table finds nothing")
  func empty() throws {
    #expect(try KeyTable([]).lookup(Self.digest(7)) == nil)
  }

  @Test("clustered digests end in the empty slot")
  func clustered() throws {
    let table = try KeyTable(
      (0..<8).map {
        KeyDescription(digest: KeyDigest($0, 0, 0, 15), name: "k\($0)", user: "u")
      })
    for first in UInt64(0)..<8 { #expect(table.lookup(KeyDigest(first, 0, 0, 15)) != nil) }
    #expect(table.lookup(KeyDigest(9, 0, 0, 15)) == nil)
  }

  @Test("duplicates are errors")
  func duplicates() {
    let one = KeyDescription(digest: Self.digest(1), name: "a", user: "u")
    var two = KeyDescription(digest: Self.digest(1), name: "b", user: "u")
    #expect(throws: KeyTableError.duplicateKey("b")) { try KeyTable([one, two]) }
    two.digest = Self.digest(2)
    two.name = "a"
    #expect(throws: KeyTableError.duplicateName("a")) { try KeyTable([one, two]) }
  }

  @Test("a key's limits come back as written")
  func limits() throws {
    let table = try KeyTable([
      KeyDescription(
        digest: Self.digest(1), name: "dev", user: "u", allowedModels: ["gpt-*", "smart"],
        isLoopbackOnly: true, budgetCedarDecimal: 1_000_000, latencySLAMilliseconds: 500)
    ])
    let index = KeyIndex(rawValue: 0)
    let record = table.record(index)
    #expect(record.isLoopbackOnly && record.hasAllowedModels)
    #expect(record.budgetCedarDecimal == 1_000_000)
    #expect(record.latencySLAMilliseconds == 500)
    #expect(table.allowedModels(of: index) == ["gpt-*", "smart"])
  }
}
