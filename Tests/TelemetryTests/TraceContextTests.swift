// SPDX-License-Identifier: MIT

import Bytes
import Telemetry
import Testing

@Suite struct TraceContextTests {
  static let valid = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

  static func parse(_ text: String) -> TraceContext? {
    text.withByteView { TraceContext(traceparent: $0) }
  }

  static func text(_ context: TraceContext) -> String {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: TraceContext.textCount) { memory in
      var writer = ByteWriter(base: memory.baseAddress!, capacity: memory.count)
      context.append(to: &writer)
      return writer.written.string
    }
  }

  @Test func theStandardsExample() throws {
    let context = try #require(Self.parse(Self.valid))
    #expect(context.traceHigh == 0x0af7_6519_16cd_43dd)
    #expect(context.traceLow == 0x8448_eb21_1c80_319c)
    #expect(context.spanID == 0xb7ad_6b71_6920_3331)
    #expect(context.isSampled)
    #expect(Self.text(context) == Self.valid)
    #expect(context.traceIDText == "0af7651916cd43dd8448eb211c80319c")
  }

  @Test(arguments: [
    "", "00", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-011",
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-",
    "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333g-01",
    "00-00000000000000000000000000000000-b7ad6b7169203331-01",
    "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
    "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "0x-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "00-0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331-01",
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331_01",
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0 ",
    "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01x",
  ])
  func theseAreNoContexts(text: String) { #expect(Self.parse(text) == nil) }

  @Test func laterVersionsAreReadAsFarAsTheyAreKnown() throws {
    let later = "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-the-future-brings"
    #expect(Self.text(try #require(Self.parse(later))) == Self.valid)
    #expect(Self.parse(String(later.prefix(55))) != nil)
  }

  @Test func unknownFlagsAreNotPassedOn() throws {
    let context = try #require(Self.parse(Self.valid.dropLast(2) + "ff"))
    #expect(Self.text(context).hasSuffix("-03"))
  }

  @Test(arguments: [
    "congo=t61rcWkgMzE", "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE", "a=1, b=2 ,\tc=3",
    "fw529a3039@dt=FfAAAf,1a-2f@foo=x", "a=1,,b=2", "k/ey*_-=v v",
  ])
  func traceStates(text: String) {
    #expect(text.withByteView(PropagatedFields.isTraceState))
  }

  @Test(arguments: [
    "", ",", "a", "a=", "=1", "A=1", "a=1,a=2", "a=1;b=2=3", "a=\u{7f}", "a\u{1}=1", "a=é",
    (0...32).map { "k\($0)=v" }.joined(separator: ","),
    "a=" + String(repeating: "x", count: 257),
  ])
  func noTraceStates(text: String) {
    #expect(!text.withByteView(PropagatedFields.isTraceState))
  }

  @Test(arguments: ["userId=alice", "a=1;p;q=2 , b = 2", "k=%20v", "a=", "serverNode=DF%2028,x=1"])
  func baggage(text: String) { #expect(text.withByteView(PropagatedFields.isBaggage)) }

  @Test(arguments: ["", ",", "a", "a b=1", "a=\"1\"", "a=\\", "=1", "a=1,,b=2", "a=\u{1}", "a=é"])
  func noBaggage(text: String) { #expect(!text.withByteView(PropagatedFields.isBaggage)) }
}
