// SPDX-License-Identifier: MIT

import Bytes
import HTTPWire
import Providers
import Testing

@Suite struct RequestHeadTests {
  static let endpoint = UpstreamEndpoint(
    authority: forever("api.example.com"), basePath: forever("/v1"), credential: forever("sk-up"))

  @Test func chatRequest() {
    let client =
      "POST /v1/chat/completions HTTP/1.1\r\nHost: gw:9000\r\nAuthorization: Bearer sk-client\r\n"
      + "Content-Type: application/json\r\nX-Stainless-Lang:  python \r\nAccept-Encoding: gzip\r\n"
      + "User-Agent: OpenAI/Python\r\nConnection: keep-alive\r\nContent-Length: 10\r\n"
      + "traceparent: 00-1-2-01\r\n\r\n"
    let head = upstreamHead(.chatCompletions, Self.endpoint, client: client, contentLength: 12)
    #expect(
      head == "POST /v1/chat/completions HTTP/1.1\r\nhost: api.example.com\r\n"
        + "authorization: Bearer sk-up\r\naccept-encoding: identity\r\ncontent-length: 12\r\n"
        + "Content-Type: application/json\r\nX-Stainless-Lang:  python \r\n"
        + "User-Agent: OpenAI/Python\r\n\r\n")
  }

  @Test func clientCredentialsAndHopsStay() {
    let denied = [
      "Authorization: a", "x-api-key: b", "API-KEY: c", "x-goog-api-key: d", "Cookie: e",
      "Proxy-Authorization: f", "Proxy-Connection: g", "Keep-Alive: h", "TE: trailers",
      "traceparent: k", "Tracestate: l", "BAGGAGE: m=n",
      "Trailer: i", "Upgrade: websocket", "HTTP2-Settings: j", "Expect: 100-continue",
      "OpenAI-Organization: k", "OpenAI-Project: l", "Accept-Encoding: m",
      "Transfer-Encoding: chunked", "Connection: X-Hop, close", "X-Hop: n", "x-HOP: o",
    ]
    let client =
      "POST / HTTP/1.1\r\nHost: a\r\n" + denied.joined(separator: "\r\n") + "\r\nX-Pass: p\r\n\r\n"
    let head = upstreamHead(.embeddings, Self.endpoint, client: client, contentLength: 5)
    #expect(
      head == "POST /v1/embeddings HTTP/1.1\r\nhost: api.example.com\r\n"
        + "authorization: Bearer sk-up\r\naccept-encoding: identity\r\ncontent-length: 5\r\n"
        + "X-Pass: p\r\n\r\n")
  }

  @Test func pathsAndCredentials() {
    let client = "POST / HTTP/1.1\r\nHost: a\r\n\r\n"
    func firstLines(_ operation: OpenAIOperation, _ endpoint: UpstreamEndpoint) -> String? {
      let head = upstreamHead(operation, endpoint, client: client, contentLength: 5)
      return head?.split(separator: "\r\n").prefix(3).joined(separator: "|")
    }
    let azure = UpstreamEndpoint(
      authority: forever("x.openai.azure.com"), basePath: .empty,
      query: forever("api-version=2024-10-21"), credential: forever("k"), credentialForm: .apiKey,
      pathStyle: .azureDeployments, model: forever("my model/4"))
    #expect(
      firstLines(.chatCompletions, azure)
        == "POST /openai/deployments/my%20model%2f4/chat/completions?api-version=2024-10-21"
        + " HTTP/1.1"
        + "|host: x.openai.azure.com|api-key: k")
    var ollama = UpstreamEndpoint(
      authority: forever("localhost:11434"), basePath: forever("/v1"), credentialForm: .none)
    #expect(
      firstLines(.rerank, ollama)
        == "POST /v1/rerank HTTP/1.1|host: localhost:11434|accept-encoding: identity")
    ollama.credential = forever("unused")
    #expect(firstLines(.completions, ollama)?.contains("unused") == false)
    ollama.credentialForm = .xAPIKey
    #expect(firstLines(.completions, ollama)?.hasSuffix("|x-api-key: unused") == true)
  }

  @Test func everyCapacityBelowTheNeedIsRefused() {
    let client = "POST / HTTP/1.1\r\nHost: a\r\nX-Pass: p\r\n\r\n"
    func head(_ capacity: Int) -> String? {
      upstreamHead(
        .completions, Self.endpoint, client: client, contentLength: 5, capacity: capacity)
    }
    guard let whole = head(4_096) else {
      Issue.record("refused")
      return
    }
    for capacity in 0..<whole.utf8.count { #expect(head(capacity) == nil) }
    #expect(head(whole.utf8.count) == whole)
  }

  @Test func responseFields() {
    let response =
      "HTTP/1.1 200 OK\r\nDate: d\r\nContent-Length: 5\r\nRetry-After : 3\r\nSet-Cookie: c\r\n"
      + "alt-svc: h3=\":443\"\r\nStrict-Transport-Security: s\r\nConnection: close, X-Hop\r\n"
      + "X-Hop: h\r\nopenai-processing-ms: 5\r\nx-ratelimit-limit-requests: 9\r\n\r\n"
    let fields = withWriter(capacity: 1_024) { writer in
      withTable { table in
        withBytes(Array(response.utf8)) { view in
          var parser = ResponseHeadParser()
          let result = parser.parse(
            view, isHeadRequest: false, limits: HeadLimits(), table: &table)
          guard case .complete(let head) = result else { return }
          OpenAICompatible.appendResponseFields(head, head: view, table: table, writer: &writer)
        }
      }
    }
    #expect(
      fields == "Date: d\r\nRetry-After: 3\r\nopenai-processing-ms: 5\r\n"
        + "x-ratelimit-limit-requests: 9\r\n")
  }
}
