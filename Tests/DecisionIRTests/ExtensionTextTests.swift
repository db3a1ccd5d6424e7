// SPDX-License-Identifier: MIT

import DecisionIR
import Testing

@Suite struct ExtensionTextTests {
  private func value(_ constructor: String, _ argument: String) -> Datum? {
    guard case .success(let datum)? = ExtensionText.construct(constructor, argument) else {
      return nil
    }
    return datum
  }

  @Test(arguments: [
    ("1.2300", 12_300), ("-0.5", -5000), ("-0.0", 0),
    ("922337203685477.5807", Int64.max), ("-922337203685477.5808", Int64.min),
  ])
  func decimals(_ text: String, _ scaled: Int64) {
    #expect(value("decimal", text) == .decimal(scaled))
  }

  @Test(arguments: ["1", "1.", ".1", "+1.0", "1.23456", "922337203685477.5808", "1.0 ", ""])
  func wrongDecimals(_ text: String) {
    #expect(value("decimal", text) == nil)
  }

  @Test(arguments: [
    ("1970-01-01", 0), ("2024-10-15T11:35:00.000+0100", 1_728_988_500_000),
    ("1969-12-31T23:59:59.999Z", -1), ("2024-02-29", 1_709_164_800_000),
  ])
  func datetimes(_ text: String, _ milliseconds: Int64) {
    #expect(value("datetime", text) == .datetime(milliseconds))
  }

  @Test(arguments: [
    "2023-02-29", "2024-1-1", "2024-01-01T24:00:00Z", "2024-01-01T00:00:60Z",
    "2024-01-01T00:00:00", "2024-01-01T00:00:00+2400", "2024-01-01T00:00:00.1Z",
  ])
  func wrongDatetimes(_ text: String) {
    #expect(value("datetime", text) == nil)
  }

  @Test(arguments: [
    ("1d2h3m4s5ms", 93_784_005), ("-1500ms", -1500), ("5ms", 5),
    ("-9223372036854775808ms", Int64.min),
  ])
  func durations(_ text: String, _ milliseconds: Int64) {
    #expect(value("duration", text) == .duration(milliseconds))
  }

  @Test(arguments: ["", "-", "1h1d", "1x", "1.5h", "d", "9223372036854775808ms", "1h1h"])
  func wrongDurations(_ text: String) {
    #expect(value("duration", text) == nil)
  }

  @Test(arguments: [
    "10.0.0.1/08", "10.0.0.1/+1", "10.0.0.1/33", "010.0.0.1", "1.2.3", "::ffff:1.2.3.4",
    "1:2:3:4:5:6:7:8:9", ":1::2", "1::2::3", "::1/129", "", "12345::",
  ])
  func wrongAddresses(_ text: String) {
    #expect(value("ip", text) == nil)
  }

  @Test func addresses() {
    #expect(value("ip", "10.0.0.1") == value("ip", "10.0.0.1/32"))
    #expect(value("ip", "10.0.0.1/24") != value("ip", "10.0.0.0/24"))
    #expect(value("ip", "::1") == value("ip", "0:0:0:0:0:0:0:1/128"))
    #expect(value("ip", "1:2:3:4:5:6:7::") == value("ip", "1:2:3:4:5:6:7:0"))
  }

  @Test func rangesAndLoopback() throws {
    func range(_ text: String) throws -> IPRange {
      guard case .ip(let range)? = value("ip", text) else { throw Wrong() }
      return range
    }
    #expect(try range("10.1.2.3").isInRange(range("10.0.0.0/8")))
    #expect(try !range("10.0.0.0/8").isInRange(range("10.0.0.0/16")))
    #expect(try range("2001:db8::1/64").isInRange(range("2001:db8::/32")))
    #expect(try !range("127.0.0.1/7").isLoopback)
    #expect(try range("127.0.0.1/8").isLoopback)
    #expect(try range("ff00::1").isMulticast)
  }

  private struct Wrong: Error {}
}
