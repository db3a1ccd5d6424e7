// SPDX-License-Identifier: MIT

import Bytes
import JSON
import Testing

@Suite struct JSONPlainObjectTests {
  func read(_ text: String) throws -> JSONPlainObject {
    try text.withByteView { view throws in try JSONPlainObject(view) }
  }

  @Test func membersAreReadByTheirKinds() throws {
    let object = try read(
      #" {"a":"x\n\u00e4","b": 12,"c":"13","d":true,"e":null,"f":{"g":[1]},"\u0068":-1.5} "#)
    #expect(object.string("a") == "x\nä")
    #expect(object.integer("b") == 12)
    #expect(object.integer("c") == 13)
    #expect(object["d"] == .boolean(true))
    #expect(object["e"] == .null)
    #expect(object["f"] == .container(Array(#"{"g":[1]}"#.utf8)))
    #expect(object["h"] == .number("-1.5"))
    #expect(object.integer("h") == nil && object.string("b") == nil && object["z"] == nil)
  }

  @Test(arguments: ["", "[]", "{", #"{"a"}"#, #"{"a":1,}"#, "{} x", "1", #"{"a":tru}"#])
  func whatIsNoObjectIsRefused(_ text: String) {
    #expect(throws: JSONError.self) { try read(text) }
  }

  @Test func membersAreBounded() {
    let many = (0..<300).map { "\"m\($0)\":0" }.joined(separator: ",")
    #expect(throws: JSONError.self) { try read("{\(many)}") }
  }
}
