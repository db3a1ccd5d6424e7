// SPDX-License-Identifier: MIT

import ControlPlane
import Testing

@testable import FakeProviders

private let path = "/v1/chat/completions"

private func body(_ script: String, stream: Bool) -> String {
  #"{"model":"m","messages":[{"role":"user","content":"Hi"}],"stream":\#(stream),"#
    + #""user":"script:\#(script)"}"#
}

private func scripted(_ script: String, stream: Bool = false) -> ProviderExchange {
  ProviderExchange(path, body(script, stream: stream))
}

@Suite struct FaultTests {
  @Test func delaysStandWhereTheyBelong() {
    let answer = scripted(
      "delay_ms=5,first_chunk_delay_ms=7,chunk_delay_ms=9,tokens=2", stream: true)
    let waits = answer.steps.map { step -> Int in
      if case .wait(let milliseconds) = step { return milliseconds }
      return 0
    }
    // Head, then the role, two words and the finish chunk, `[DONE]`.
    #expect(waits == [5, 0, 7, 0, 9, 0, 9, 0, 9, 0, 9, 0, 0])
  }

  @Test func anUnpacedStreamIsOneWrite() {
    #expect(scripted("tokens=10", stream: true).steps.count == 2)
  }

  @Test func headersSteerLikeTheField() {
    let provider = ScriptedProvider { 0 }
    let plain = body("", stream: false)
    let answer = ProviderExchange(
      provider, path, plain,
      headers: [("X-Scripted-Status", "503"), ("x-scripted-retry-after-ms", "20")])
    #expect(answer.status == 503)
    #expect(answer.headers["retry-after-ms"] == "20")
    let wrong = ProviderExchange(provider, path, plain, headers: [("x-scripted-status", "200")])
    #expect(wrong.status == 400)
    #expect(wrong.json["error"]?["code"] == "invalid_script")
  }

  @Test func interruptions() {
    let whole = scripted("")
    let headCount = whole.bytes.count - whole.body.count
    for (key, last) in [("reset_at", WireStep.reset), ("cut_at", .close), ("stall_at", .stall)] {
      for count in [0, 1, 17] {
        let answer = scripted("\(key)=\(count)")
        #expect(answer.bytes.count == headCount + count)
        #expect(answer.steps.last == last)
      }
    }
    #expect(scripted("reset").steps == [.reset])
    #expect(scripted("stall,delay_ms=3").steps == [.wait(milliseconds: 3), .stall])
    let half = scripted("half")
    #expect(half.bytes.count == headCount + whole.body.count / 2)
    #expect(half.steps.last == .close)
    #expect(half.headers["content-length"] == String(whole.body.count))
  }

  @Test func errorPagesAndErrorBodies() {
    let page = scripted("html")
    #expect(page.status == 502)
    #expect(page.headers["content-type"] == "text/html")
    #expect(page.text.hasPrefix("<html>"))
    #expect(scripted("html,status=504").status == 504)
    let hidden = scripted("error_body")
    #expect(hidden.status == 200)
    #expect(hidden.json["error"]?["type"] == "server_error")
    #expect(hidden.headers["content-length"] == String(hidden.body.count))
    let streamed = scripted("error_body", stream: true)
    #expect(streamed.status == 200)
    #expect(streamed.chunks.map { $0["error"]?["type"] } == ["server_error"])
  }

  @Test func streamsThatEndBadly() {
    let good = scripted("tokens=5", stream: true).events
    #expect(scripted("tokens=5,no_done", stream: true).events == good.dropLast())
    #expect(scripted("tokens=5,no_finish", stream: true).events == good.dropLast(2))
    let failed = scripted("tokens=5,error_at_chunk=3", stream: true)
    #expect(failed.events.count == 4)
    #expect(failed.chunks.last?["error"] != nil)
    let malformed = scripted("tokens=5,malformed_chunk=2", stream: true)
    #expect(malformed.events.count == good.count)
    #expect(malformed.chunks.count == good.count - 2)
    #expect(scripted("malformed_chunk=0").json == .null)
  }

  @Test func framingVariantsCarryTheSame() {
    let good = scripted("tokens=5", stream: true)
    let text = scripted("tokens=5,sse_crlf,sse_comments", stream: true).text
    #expect(text.contains(": keep-alive\r\n\r\ndata: "))
    let lines = scripted("tokens=5,sse_multiline", stream: true).text.split(separator: "\n\n")
    let joined = lines.map { event in
      event.split(separator: "\n").map { $0.dropFirst(6) }.joined(separator: "\n")
    }
    #expect(joined.dropLast().compactMap { try? JSONValue(parsing: Array($0.utf8)) } == good.chunks)
  }

  @Test func splitWritesAddUp() {
    let good = scripted("tokens=3", stream: true)
    let split = scripted("tokens=3,split_bytes=3", stream: true)
    #expect(split.bytes == good.bytes)
    #expect(split.steps.count > good.bytes.count / 3)
    let slow = scripted("split_bytes=50,split_delay_ms=1")
    #expect(slow.steps.contains(.wait(milliseconds: 1)))
  }

  @Test func connectionFaults() {
    #expect(scripted("close").headers["connection"] == "close")
    #expect(scripted("close").steps.last == .close)
    let eof = scripted("eof", stream: true)
    #expect(eof.headers["transfer-encoding"] == nil)
    #expect(eof.headers["content-length"] == nil)
    #expect(eof.steps.last == .close)
    #expect(eof.events.last == "[DONE]")
    #expect(scripted("malformed_head").bytes.starts(with: "HTTP/9.9 ".utf8))
    #expect(scripted("header_bytes=70000").headers["x-padding"]?.count == 70_000)
    #expect(scripted("interim").bytes.starts(with: "HTTP/1.1 103 ".utf8))
  }

  @Test func faultsCanPassAfterSomeTimes() {
    let provider = ScriptedProvider { 0 }
    let statuses = (0..<4).map { _ in
      ProviderExchange(provider, path, body("status=500,times=2,id=a", stream: false)).status
    }
    #expect(statuses == [500, 500, 200, 200])
    let other = ProviderExchange(provider, path, body("status=500,times=1,id=b", stream: false))
    #expect(other.status == 500)
  }

  @Test func scriptsCanBeQueued() throws {
    let provider = ScriptedProvider { 0 }
    var script = Script()
    try script.set("status", "429")
    provider.enqueue([script, Script()])
    let statuses = (0..<3).map { _ in
      ProviderExchange(provider, path, body("", stream: false)).status
    }
    #expect(statuses == [429, 200, 200])
  }

  @Test(arguments: [
    "status=200", "delay_ms=-1", "delay_ms=x", "reset=maybe", "split_bytes=0", "=", "bad",
  ])
  func nonsenseIsRefused(script: String) {
    #expect(scripted(script).json["error"]?["code"] == "invalid_script")
  }

  @Test func valuesMayHaveCommas() {
    let answer = scripted("text=a%2Cb%3D").json
    #expect(answer["choices"]?[0]?["message"]?["content"] == "a,b=")
  }
}
