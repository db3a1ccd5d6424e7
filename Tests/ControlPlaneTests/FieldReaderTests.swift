// SPDX-License-Identifier: MIT

import ControlPlane
import Testing

@Suite struct FieldReaderTests {
  private func reader(_ text: String) throws -> FieldReader {
    FieldReader(try JSONValue(parsing: Array(text.utf8)))
  }

  @Test func rightMembersAreRead() throws {
    var fields = try reader(
      #"{"s":"x","i":7,"n":1.5,"b":true,"a":["p","q"],"o":{"k":1},"z":null,"w":3.0}"#)
    #expect(fields.string("s") == "x")
    #expect(fields.integer("i") == 7)
    #expect(fields.integer("w") == 3)
    #expect(fields.number("n") == 1.5)
    #expect(fields.number("i") == 7)
    #expect(fields.boolean("b") == true)
    #expect(fields.strings("a") == ["p", "q"])
    #expect(fields.object("o")?["k"] == 1)
    #expect(fields.string("z") == nil)
    #expect(fields.string("absent") == nil)
    fields.refuseUnknownNames()
    #expect(fields.problems == [])
  }

  @Test(arguments: [
    ("123456789012345678901234567890", "123456789012345678901234567890"),
    ("-9223372036854775809", "-9223372036854775809"), ("9007199254740993", "9007199254740993"),
    ("1.5", "1.5"), ("1e300", "1e+300"),
  ])
  func numbersKeepTheirDigits(_ text: String, _ written: String) throws {
    #expect(try JSONValue(parsing: Array("[\(text)]".utf8)).text == "[\(written)]")
  }

  @Test func wrongMembersAreAllNamed() throws {
    var fields = try reader(
      #"{"s":1,"i":"7","n":[],"b":0,"a":["p",2,null],"o":[],"r":null,"extra":1,"big":11}"#)
    #expect(fields.string("s") == nil)
    #expect(fields.integer("i") == nil)
    #expect(fields.number("n") == nil)
    #expect(fields.boolean("b") == nil)
    #expect(fields.strings("a") == ["p"])
    #expect(fields.object("o") == nil)
    #expect(fields.requiredString("r") == nil)
    #expect(fields.integer("big", in: 0...10) == nil)
    fields.refuseUnknownNames()
    #expect(
      fields.problems.map { "\($0.path): \($0.message)" } == [
        "s: expected a string, found an integer", "i: expected an integer, found a string",
        "n: expected a number, found an array", "b: expected a boolean, found an integer",
        "a[1]: expected a string, found an integer", "a[2]: expected a string, found null",
        "o: expected an object, found an array", "r: is required", "big: must be from 0 to 10",
        "extra: is not a field of this request",
      ])
  }

  @Test func anythingButAnObjectIsAProblem() throws {
    #expect(try reader("[]").problems.map(\.message) == ["expected an object, found an array"])
  }
}

@Suite struct JSONValueTests {
  @Test(arguments: [
    "null", "true", "0", "-9223372036854775808", "1.5", #""a\"\\\n\u0001é""#, "[]", "{}",
    #"{"a":[1,{"b":null}],"c":"d"}"#,
  ])
  func textIsReadAndWrittenBack(text: String) throws {
    let value = try JSONValue(parsing: Array(text.utf8))
    #expect(value.text == text)
    #expect(try JSONValue(parsing: Array(value.prettyText.utf8)) == value)
  }

  @Test func objectsKeepTheirOrder() {
    let value: JSONValue = ["z": 1, "a": [true, "x"]]
    #expect(value.text == #"{"z":1,"a":[true,"x"]}"#)
    #expect(value.prettyText == "{\n  \"z\": 1,\n  \"a\": [\n    true,\n    \"x\"\n  ]\n}\n")
    #expect(value["a"]?[1] == "x")
    #expect(value["b"] == nil)
  }

  @Test(arguments: ["", "{", "[1,,]", "nul", "\"", "1 2", "\u{FEFF}x"])
  func whatIsNoJSONIsAnError(text: String) {
    #expect(throws: JSONValue.SyntaxError.self) { try JSONValue(parsing: Array(text.utf8)) }
  }

  @Test func deepNestingIsAnErrorAndNoCrash() {
    for opening in ["[", #"{"a":"#] {
      let text = String(repeating: opening, count: 200_000)
      #expect(throws: JSONValue.SyntaxError.self) { try JSONValue(parsing: Array(text.utf8)) }
    }
  }

  @Test func infinitiesBecomeNull() {
    #expect(JSONValue.number(.infinity).text == "null")
    #expect(JSONValue(Double.nan) == .null)
  }
}
