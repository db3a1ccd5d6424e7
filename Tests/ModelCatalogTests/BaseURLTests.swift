// SPDX-License-Identifier: MIT

import ModelCatalog
import Testing

@Suite("BaseURL")
struct BaseURLTests {
  @Test(
    "takes a URL apart",
    arguments: [
      ("https://api.openai.com/v1", true, "api.openai.com", 443, "/v1"),
      ("http://127.0.0.1:9100/v1/", false, "127.0.0.1", 9100, "/v1"),
      ("http://localhost", false, "localhost", 80, ""),
      ("https://h:8443/", true, "h", 8443, ""),
      ("https://r.azure.com//openai//v1/", true, "r.azure.com", 443, "/openai/v1"),
      ("http://[::1]:8000/v1", false, "::1", 8000, "/v1"),
      ("https://[2001:db8::1]/a/b", true, "2001:db8::1", 443, "/a/b"),
    ] as [(String, Bool, String, UInt16, String)])
  func parses(text: String, isTLS: Bool, host: String, port: UInt16, pathPrefix: String) throws {
    let expected = BaseURL(isTLS: isTLS, host: host, port: port, pathPrefix: pathPrefix)
    #expect(try BaseURL.parse(text).get() == expected)
  }

  @Test(
    "says what is wrong",
    arguments: [
      ("api.openai.com/v1", "must begin with"), ("ftp://h", "must begin with"),
      ("https://", "has no host"), ("https://:80/", "has no host"),
      ("https://h:0", "has a port"), ("https://h:99999", "has a port"),
      ("https://h:", "has a port"), ("https://u:p@h/", "user name or password"),
      ("https://h/v1?x=1", "query"), ("https://h/#f", "fragment"),
      ("http://[::1/v1", "closing bracket"), ("http://[::1]x", "text after"),
      ("http://a b/", "U+20"), ("http://h/\r\nX: y", "U+d"),
    ])
  func refuses(text: String, part: String) {
    guard case .failure(let error) = BaseURL.parse(text) else {
      Issue.record("`\(text)` was accepted")
      return
    }
    #expect(error.message.contains(part), "\(error.message)")
  }
}
