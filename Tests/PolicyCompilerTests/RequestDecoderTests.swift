// SPDX-License-Identifier: MIT

import CedarSyntax
import DecisionIR
import PolicyCompiler
import TestSupport
import Testing

/// The decoder of requests gives what the general reader gives, or leaves the text to it.
struct RequestDecoderTests {
  private static let policies = """
    permit (principal in Team::"t", action, resource)
    when { context.n > 3 && context.tools.containsAny(["a", "é"]) };
    permit (principal == User::"quote", action == Action::"go", resource is Doc)
    when { context.ip.isInRange(ip("10.0.0.0/8")) || context.ip == ip("::1") };
    permit (principal, action, resource) when { context.owner == principal };
    permit (principal, action, resource) when { context.r == { a: 1, b: { c: ["x"] } } };
    permit (principal, action, resource) when { context.d.greaterThan(decimal("1.5")) };
    permit (principal, action, resource)
    when { context.at < datetime("2026-01-01") && context.wait >= duration("1h") };
    forbid (principal, action, resource) when { context.flag };
    """

  private static let entities = #"""
    [{"uid":{"type":"User","id":"a"},"attrs":{},"parents":[{"type":"Team","id":"t"}]},
     {"uid":{"type":"User","id":"quote"},"attrs":{},"parents":[]},
     {"uid":{"type":"Doc","id":"d"},"attrs":{},"parents":[]},
     {"uid":{"type":"Action","id":"go"},"attrs":{},"parents":[]}]
    """#

  private func store(wholeContext: Bool) throws -> EntityStore {
    let more = wholeContext ? "permit (principal, action, resource) when { context == {} };" : ""
    let (set, diagnostics) = parsePolicies(Self.policies + more, dialect: false)
    try #require(!diagnostics.hasErrors)
    let program = try compilePolicies(set, identifiers: .position).get().program
    return try EntityStore(program: program, entities: readEntities(Self.entities))
  }

  private func answer(_ response: AuthorizationResponse) -> String {
    "\(response.decision) \(response.reasons) \(response.errors.map { "\($0)" })"
  }

  /// Whether the decoder took the text; its answer must then be the general reader's.
  private func check(
    _ text: String, _ evaluator: Evaluator, _ decoder: RequestDecoder
  ) -> Bool {
    let bytes = Array(text.utf8)
    let fast: String? = unsafe bytes.withUnsafeBytes { raw in
      guard let request = unsafe decoder.decode(raw) else { return nil }
      let response = evaluator.authorize(request)
      #expect(evaluator.isAllowed(request) == (response.decision == .allow), "\(text)")
      return answer(response)
    }
    guard let fast else { return false }
    do throws(DataProblem) {
      let request = try readRequest(text).encoded(for: evaluator.store)
      #expect(fast == answer(evaluator.authorize(request)), "\(text)")
    } catch {
      Issue.record("the decoder took what is wrong: \(error): \(text)")
    }
    return true
  }

  private static func request(_ context: String, _ principal: String = "a") -> String {
    #"{"principal":{"type":"User","id":"\#(principal)"},"action":"Action::\"go\"","#
      + #""resource":{"id":"d","type":"Doc"},"context":\#(context)}"#
  }

  static let plain = [
    request("{}"), request("null"), request(#"{"n":4,"tools":["a","b","a"]}"#),
    request(#"{"n":-9223372036854775808,"tools":["é","\u00e9","\u0061"]}"#),
    request(#"{"\u006e":4,"tools":["\uD83D\uDE00","\ud83d\ude00","\u0000"]}"#),
    request(#"{"ip":{"__extn":{"arg":"10.2.3.4","fn":"ip"}}}"#, "quote"),
    request(#"{"ip":{"__extn":{"fn":"ip","arg":"10.2.3.4/16"}}}"#, "quote"),
    request(#"{"ip":{"__extn":{"fn":"ip","arg":"::1"}}}"#, "quote"),
    request(#"{"ip":{"__extn":{"fn":"ip","arg":"10.2.3.4"}}}"#, "nobody"),
    request(#"{"owner":{"__entity":{"type":"User","id":"a"}}}"#),
    request(#"{"owner":{"__entity":{"type":"User","id":"nobody"}}}"#, "nobody"),
    request(#"{"r":{"b":{"c":["x","x"]},"a":1},"other":[[],{},[{"a":true}]]}"#),
    request(#"{"d":{"__extn":{"fn":"decimal","arg":"1.5001"}}}"#),
    request(
      #"{"at":{"__extn":{"fn":"datetime","arg":"2025-01-01"}},"#
        + #""wait":{"__extn":{"fn":"duration","arg":"90m"}}}"#),
    request(#" { "flag" : true , "n" : 0 } "#), request(#"{"text":"a\n\t\"\\\/\b\f\r"}"#),
    #"{"id":17,"ok":true,"none":null,"name":"x","principal":"User::\"a\"","#
      + #""action":{"__entity":{"type":"Action","id":"go"}},"resource":"Doc::\"new\""}"#,
    // Types that neither policies nor entities know; two of one id are two.
    #"{"principal":{"type":"Stranger","id":"x"},"action":"Action::\"go\"","#
      + #""resource":{"id":"d","type":"Some::Where2::Thing_"},"context":{"owner":{"__entity":"#
      + #"{"type":"Other","id":"x"}}}}"#,
    #"{"principal":{"type":"Stranger","id":"x"},"action":"Deed::\"go\"","#
      + #""resource":"Doc::\"d\"","context":{"owner":{"__entity":{"type":"Stranger","id":"x"}}}}"#,
  ]

  @Test(arguments: [false, true])
  func plainFormsAreTaken(_ wholeContext: Bool) throws {
    let evaluator = Evaluator(store: try store(wholeContext: wholeContext))
    let decoder = RequestDecoder(store: evaluator.store)
    for text in Self.plain { #expect(check(text, evaluator, decoder), "\(text)") }
  }

  static let others = [
    "", "{", "[]", "{}", request("{"), request("[]"), request("1"),
    request(#"{"n":4}"#) + "x", request(#"{"n":null}"#), request(#"{"n":1.0}"#),
    request(#"{"n":1e3}"#), request(#"{"n":-0}"#), request(#"{"n":01}"#),
    request(#"{"n":9223372036854775808}"#), request(#"{"n":1,"n":1}"#),
    request(#"{"r":{"a":1,"a":2}}"#), request(#"{"a":{"__expr":"x"}}"#),
    request(#"{"a":{"__entity":5}}"#), request(#"{"a":{"x":1,"__entity":5}}"#),
    request(#"{"a":{"__extn":{"fn":"ip","arg":"nonsense"}}}"#),
    request(#"{"a":{"__extn":{"fn":"isIpv4","arg":"1.1.1.1"}}}"#),
    request(#"{"a":"\u12"}"#), request(#"{"a":"\ud800"}"#), request(#"{"a":"\udc00"}"#),
    request(#"{"a":"\ud83d\u0041"}"#), request(#"{"a":"\u-000"}"#), request("{\"a\":\"\u{1}\"}"),
    request(#"{"a":tru}"#),
    request(#"{"a":[1,]}"#), request(#"{"a":1,}"#), request(#"{"a" 1}"#),
    #"{"principal":{"type":"stranger","id":"x"},"action":"Action::\"go\"","#
      + #""resource":{"id":"d","type":"Doc"}}"#,
    #"{"principal":{"type":"Some:Where","id":"x"},"action":"Action::\"go\"","#
      + #""resource":{"id":"d","type":"Doc"}}"#,
    #"{"principal":{"type":"Some::","id":"x"},"action":"Action::\"go\"","#
      + #""resource":{"id":"d","type":"Doc"}}"#,
    #"{"principal":"Some-Where::\"x\"","action":"Action::\"go\"","resource":"Doc::\"d\""}"#,
    #"{"principal":"User::a","action":"Action::\"go\"","resource":"Doc::\"d\""}"#,
    #"{"principal":"User::\"a\"","action":"Action::\"go\""}"#,
    #"{"principal":"User::\"a\"","principal":"User::\"a\"","action":"Action::\"go\"","#
      + #""resource":"Doc::\"d\""}"#,
    #"{"principal":"User::\"a\\n\"","action":"Action::\"go\"","resource":"Doc::\"d\""}"#,
    // An escape inside of an escape is none.
    request(#"{"owner":{"__entity":{"__entity":{"type":"User","id":"a"}}}}"#),
    #"{"principal":{"__entity":{"__entity":{"type":"User","id":"a"}}},"action":"Action::\"go\"","#
      + #""resource":"Doc::\"d\""}"#,
  ]

  @Test func restIsLeftToTheGeneralReader() throws {
    let evaluator = Evaluator(store: try store(wholeContext: false))
    let decoder = RequestDecoder(store: evaluator.store)
    for text in Self.others { #expect(!check(text, evaluator, decoder), "\(text)") }
    let deep = String(repeating: "[", count: 40) + String(repeating: "]", count: 40)
    #expect(!check(Self.request(#"{"a":\#(deep)}"#), evaluator, decoder))
    let wide = "[" + (0..<9000).map(String.init).joined(separator: ",") + "]"
    #expect(!check(Self.request(#"{"a":\#(wide)}"#), evaluator, decoder))
    #expect(check(Self.plain[2], evaluator, decoder))
  }

  /// Neither the depth of escapes nor the number of values ends the process.
  @Test func boundsHold() throws {
    let evaluator = Evaluator(store: try store(wholeContext: false))
    let decoder = RequestDecoder(store: evaluator.store)
    let escapes = String(repeating: #"{"__entity":"#, count: 500_000)
    #expect(!check(Self.request(#"{"owner":\#(escapes)"#), evaluator, decoder))
    let address = #"{"__extn":{"fn":"ip","arg":"::1"}}"#
    for count in 4085...4100 {
      let zeros = String(repeating: "0,", count: count)
      _ = check(Self.request("{\"a\":[\(zeros)\(address)]}"), evaluator, decoder)
      _ = check(Self.request("{\"a\":[\(zeros)0],\"b\":\(address)}"), evaluator, decoder)
    }
    #expect(check(Self.plain[2], evaluator, decoder))
  }

  /// Texts with bytes changed, removed and added: what the decoder takes, the reader takes alike.
  @Test func changedTexts() throws {
    let evaluator = Evaluator(store: try store(wholeContext: true))
    let decoder = RequestDecoder(store: evaluator.store)
    var state: UInt64 = 7
    func random(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    let alphabet = Array(#"{}[]":,\ _-01239.eEntrueyspa"#.utf8)
    var taken = 0
    for _ in 0..<20_000 {
      var bytes = Array(Self.plain[random(Self.plain.count)].utf8)
      for _ in 0...random(2) {
        let place = random(bytes.count)
        switch random(3) {
        case 0: bytes[place] = alphabet[random(alphabet.count)]
        case 1: bytes.remove(at: place)
        default: bytes.insert(alphabet[random(alphabet.count)], at: place)
        }
      }
      guard let text = String(validating: bytes, as: UTF8.self) else { continue }
      if check(text, evaluator, decoder) { taken += 1 }
    }
    #expect(taken > 1_000)
  }
}

/// The decoder on the workload of the conformance data.
@Suite(.enabled(if: Conformance.isPresent, Comment(rawValue: Conformance.absent)))
struct RequestDecoderConformanceTests {
  @Test(arguments: [3, 100, 1000])
  func workload(_ size: Int) throws {
    let folder = "workload/a/\(size)"
    let program = try ConformanceData.program(Conformance.text("\(folder)/policies.cedar"))
    let entities = try readEntities(Conformance.text("\(folder)/entities.json"))
    let evaluator = Evaluator(store: try EntityStore(program: program, entities: entities))
    let decoder = RequestDecoder(store: evaluator.store)
    let expected = try Conformance.lines("\(folder)/expected.jsonl")
    let lines = try Conformance.text("\(folder)/requests.jsonl").split(separator: "\n")
    for (line, answer) in zip(lines, expected) {
      let response: AuthorizationResponse? = unsafe Array(line.utf8).withUnsafeBytes { bytes in
        unsafe decoder.decode(bytes).map { evaluator.authorize($0) }
      }
      let found = try #require(response, "\(line)")
      #expect((found.decision == .allow) == (answer["decision"]?.string == "allow"))
      let reasons = found.reasons.map { program.id(of: $0) }
      #expect(
        Set(reasons) == Set((answer["reason"]?.array ?? []).compactMap(\.string)), "\(line)")
    }
  }
}
