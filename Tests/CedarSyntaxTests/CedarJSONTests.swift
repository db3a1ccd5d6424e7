// SPDX-License-Identifier: MIT

import CedarSyntax
import Testing

struct CedarJSONTests {
  @Test(arguments: [
    (#""\u0041\u00e9""#, "A\u{E9}"), (#""\ud83d\ude00""#, "\u{1F600}"),
    (#""\uD83D\uDE00""#, "\u{1F600}"),
    (#""\u0000""#, "\0"), (#""\/\b\f\n\r\t\\\"""#, "/\u{8}\u{C}\n\r\t\\\""),
  ])
  func escapes(_ text: String, _ expected: String) throws {
    #expect(CedarText.equal(try #require(CedarJSON(parsing: text).string), expected))
  }

  @Test(arguments: [
    #""\u-000""#, #""\u+041""#, #""\u 41""#, #""\u12""#, #""\u004g""#, #""\ud800""#, #""\udc00""#,
    #""\ud800\u0041""#, #""\ud800x""#, #""\q""#, #""\u00e"#, #""\"#, "\"\u{1}\"", "\"",
  ])
  func brokenStrings(_ text: String) {
    #expect(throws: CedarJSON.SyntaxError.self) { try CedarJSON(parsing: text) }
  }
}
