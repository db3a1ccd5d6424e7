// SPDX-License-Identifier: MIT

import CedarSchema
import CedarSyntax
import DecisionIR
import PolicyCompiler
import Testing

/// Entities, contexts and requests in JSON: verdicts that Rust Cedar 4.12 gives (asked through
/// cedarpy 4.12), beyond those of the conformance data.
struct DataReaderTests {
  private static let schemaText = """
    entity Color enum ["red", "blue"];
    entity Group in [Group];
    entity Team in [Group];
    entity User in [Team] = {
      name: String, color?: Color, act?: Action, ip?: ipaddr, d?: { a: Long, b?: String },
      mgr?: User, numbers?: Set<Long>, users?: Set<User>
    } tags Long;
    action parent;
    action view in [parent] appliesTo {
      principal: [User, Color], resource: [User, Group],
      context: { n?: Long, c?: Color, r?: { x: Long }, ip?: ipaddr, u?: User }
    };
    """

  private func schema() throws -> Schema {
    let (schema, diagnostics) = parseSchema(Self.schemaText)
    return try #require(schema, "\(diagnostics.map(\.message))")
  }

  private func accepts(_ text: String, _ schema: Schema?) -> Bool {
    (try? readEntities(text, schema: schema)) != nil
  }

  private static func user(_ attributes: String, _ more: String = "") -> String {
    let rest = attributes.isEmpty ? "" : ", " + attributes
    return #"[{"uid":{"type":"User","id":"a"},"attrs":{"name":"A"\#(rest)},"#
      + #""parents":[]\#(more)}]"#
  }

  private static func parent(_ type: String, _ parent: String) -> String {
    let attributes = type == "User" ? #"{"name":"A"}"# : "{}"
    return #"[{"uid":{"type":"\#(type)","id":"a"},"attrs":\#(attributes),"parents":[\#(parent)]}]"#
  }

  @Test(arguments: [
    (user(""), true), (user("", #","other":1"#), true),
    (user(#""color":{"type":"Color","id":"red"}"#), true),
    (user(#""color":{"type":"Color","id":"green"}"#), false),
    (user(#""act":{"type":"Action","id":"view"}"#), true),
    (user(#""act":{"type":"Action","id":"zz"}"#), false),
    (user(#""mgr":{"type":"User","id":"nobody"}"#), true),
    (user(#""mgr":{"type":"Group","id":"g"}"#), false),
    (user(#""mgr":"User::\"b\"""#), false),
    (user(#""mgr":{"__entity":{"type":"User"}}"#), false),
    (user(#""mgr":{"type":"User","id":"q","__entity":5}"#), true),
    (user("", #","tags":{"a":1}"#), true), (user("", #","tags":{"a":"x"}"#), false),
    (user("", #","tags":null"#), false),
    (user(#""d":{"a":1}"#), true), (user(#""d":{"a":1,"z":2}"#), false),
    (user(#""d":{"b":"x"}"#), false), (user(#""d":{"a":"x"}"#), false),
    (user(#""numbers":[]"#), true), (user(#""numbers":[1,"x"]"#), false),
    (user(#""numbers":null"#), false), (user(#""unknown":1"#), false),
    (user(#""ip":{"fn":"ip","arg":"1.1.1.1"}"#), true),
    (user(#""ip":{"fn":"decimal","arg":"1.1"}"#), false),
    (user(#""ip":{"__extn":{"fn":"ip","arg":"1.1.1.1","z":1},"extra":1}"#), true),
    (user(#""ip":{"__extn":{"fn":"ip","args":["1.1.1.1"]}}"#), true),
    (user(#""ip":{"__expr":"ip(\"1.1.1.1\")"}"#), false), (user(#""ip":{"a":1}"#), false),
    (user(#""name":"B""#), false),
    (user(#""users":[{"type":"User","id":"x"},{"__entity":{"type":"User","id":"y"}}]"#), true),
    (user(#""users":[{"type":"User","id":"x"},{"type":"Group","id":"y"}]"#), false),
    (parent("User", #"{"type":"Group","id":"g"}"#), true),
    (parent("User", #"{"type":"User","id":"b"}"#), false),
    (parent("User", #"{"type":"Nope","id":"b"}"#), false),
    (parent("Color", ""), false), (parent("Action", ""), false),
    (parent("Group", #"{"type":"Group","id":"a"}"#), false),
    (#"[{"uid":{"type":"Color","id":"red"},"attrs":{},"parents":[]}]"#, true),
    (#"[{"uid":{"type":"Color","id":"red"},"attrs":{"x":1},"parents":[]}]"#, false),
    (#"[{"uid":{"type":"Group","id":"g"},"attrs":{},"parents":[],"tags":{}}]"#, true),
    (#"[{"uid":{"type":"Group","id":"g"},"attrs":{},"parents":[],"tags":{"a":1}}]"#, false),
  ])
  func entitiesWithSchema(_ text: String, _ expected: Bool) throws {
    #expect(accepts(text, try schema()) == expected, "\(text)")
  }

  @Test(arguments: [
    (
      #"[{"uid":{"type":"Action","id":"view"},"attrs":{},"#
        + #""parents":[{"type":"Action","id":"parent"}]}]"#, true
    ),
    (#"[{"uid":{"type":"Action","id":"view"},"attrs":{},"parents":[]}]"#, false),
    (#"[{"uid":{"type":"Action","id":"parent"},"attrs":{"a":1},"parents":[]}]"#, false),
    (#"[{"uid":{"type":"Action","id":"parent"},"attrs":{},"parents":[]}]"#, true),
  ])
  func actionsEqualTheSchemas(_ text: String, _ expected: Bool) throws {
    #expect(accepts(text, try schema()) == expected, "\(text)")
  }

  private static func value(_ json: String) -> String {
    #"[{"uid":{"type":"G","id":"z"},"attrs":{"a":\#(json)},"parents":[]}]"#
  }

  @Test(arguments: [
    (value(#"{"__entity":{"type":"A","id":"b"},"z":1}"#), true),
    (value(#"{"__entity":5}"#), true), (value(#"{"__extn":5}"#), true),
    (value(#"{"__expr":"x"}"#), false), (value(#"{"__expr":5}"#), true),
    (value("null"), false), (value(#"{"b":[null]}"#), false), (value("1.0"), false),
    (value("9223372036854775808"), false), (value("-9223372036854775808"), true),
    (value("1e3"), false), (value("-0"), false), (value(#"{"x":1,"x":1}"#), false),
    (value(#"{"__extn":{"fn":"isIpv4","arg":{"__extn":{"fn":"ip","arg":"1.1.1.1"}}}}"#), true),
    (value(#"{"__extn":{"fn":"ip","arg":{"__extn":{"fn":"ip","arg":"1.1.1.1"}}}}"#), false),
    (parent("Action", #"{"type":"Group","id":"g"}"#), false),
    (parent("Group", #"{"type":"Action","id":"g"}"#), true),
    (#"[{"uid":"G::\"z\"","attrs":{},"parents":[]}]"#, false),
    (#"[{"uid":{"__entity":{"type":"G","id":"z"}},"attrs":{},"parents":[]}]"#, true),
    (#"[{"uid":{"type":" G","id":"z"},"attrs":{},"parents":[]}]"#, false),
    (#"[{"uid":{"type":"__cedar::X","id":"z"},"attrs":{},"parents":[]}]"#, false),
    (#"[{"uid":{"type":"G","id":"z"},"parents":[]}]"#, false),
    (#"[{"uid":{"type":"G","id":"z"},"attrs":{}}]"#, false),
    (#"[{"uid":{"type":"G","id":"z"},"attrs":{},"parents":[],"parents":[]}]"#, false),
    (#"{"a":1}"#, false), ("[] x", false),
  ])
  func entitiesWithoutSchema(_ text: String, _ expected: Bool) {
    #expect(accepts(text, nil) == expected, "\(text)")
  }

  @Test func methodsGiveTheirValues() throws {
    let start = #"{"__extn":{"fn":"datetime","arg":"2024-01-01"}}"#
    let offset =
      #"{"__extn":{"fn":"offset","args":[\#(start)"#
      + #","# + #"{"__extn":{"fn":"duration","arg":"1d"}}]}}"#
    let entities = try readEntities(Self.value(offset))
    #expect(entities[0].attributes["a"]?.description == #"datetime("2024-01-02T00:00:00.000Z")"#)
  }

  @Test func everyProblemIsFound() throws {
    let text = #"""
      [{"uid":{"type":"User","id":"a"},"attrs":{"age":1},"parents":[{"type":"Color","id":"red"}]},
       {"uid":{"type":"Usr","id":"a"},"attrs":{},"parents":[]},
       {"uid":{"type":"Group","id":"g"},"attrs":{},"parents":[{"type":"Group","id":"h"}]},
       {"uid":{"type":"Group","id":"h"},"attrs":{},"parents":[{"type":"Group","id":"g"}]},
       {"uid":{"type":"User","id":"b"},"attrs":null,"parents":[]}]
      """#
    let problems = checkEntities(json: try CedarJSON(parsing: text), schema: try schema()).problems
    let places = problems.map(\.path)
    #expect(
      Set(places) == [
        "entities[4].attrs", "entities[2]", "entities[0].attrs.age", "entities[0].attrs",
        "entities[0].parents[0]", "entities[1].uid",
      ], "\(problems)")
    #expect(problems.contains { $0.message.contains("did you mean `User`?") })
  }

  @Test(arguments: [
    ("User", "a", "view", "{}", true), ("Color", "red", "view", "{}", true),
    ("Color", "rd", "view", "{}", false), ("User", "a", "parent", "{}", false),
    ("User", "a", "view", #"{"z":1}"#, false),
    ("User", "a", "view", #"{"c":{"type":"Color","id":"zz"}}"#, false),
    ("User", "a", "view", #"{"r":{"x":1,"y":2}}"#, false),
    ("User", "a", "view", #"{"ip":"1.1.1.1"}"#, true), ("Group", "a", "view", "{}", false),
    ("User", "a", "view", #"{"u":{"type":"User","id":"zz"}}"#, true),
    ("User", "a", "fly", "{}", false), ("Nope", "a", "view", "{}", false),
  ])
  func requests(
    _ type: String, _ id: String, _ action: String, _ context: String, _ expected: Bool
  ) throws {
    let text = #"""
      {"principal":{"type":"\#(type)","id":"\#(id)"},"action":"Action::\"\#(action)\"",
       "resource":{"type":"User","id":"b"},"context":\#(context)}
      """#
    let schema = try schema()
    #expect(((try? readRequest(text, schema: schema)) != nil) == expected)
  }
}
