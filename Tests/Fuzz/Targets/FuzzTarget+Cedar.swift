// SPDX-License-Identifier: MIT

import CedarSchema
import CedarSyntax

extension FuzzTarget {
  /// Policy text with the dialect: what is accepted is printed and written as JSON without changing
  /// its meaning, findings are rendered, lints end. (`policyText` watches the formatter.)
  static let cedarPolicies = FuzzTarget(
    name: "cedar-policies",
    dictionary: [
      "permit (principal, action, resource)", "forbid", "when {", "unless {", "};", "@id(\"a\")",
      "principal", "resource", "context.a", "action in [", "Action::\"a\"", "?principal", " is ",
      " in ", " has ", " like \"a*\"", " && ", " || ", " == ", " <= ", "10.0", "-1", "ip(\"::1\")",
      ".contains(", "if true then 1 else 2", "{a: 1}", "[1, 2]", "\\u{1F600}", "// c\n", "!!",
    ]
  ) { input in
    let source = String(decoding: input, as: UTF8.self)
    let (set, diagnostics) = parsePolicies(source, dialect: true)
    var files = SourceFiles()
    _ = files.add(name: "input", text: source)
    _ = DiagnosticRenderer(sources: files).text(diagnostics)
    _ = lint(set)
    guard !diagnostics.hasErrors else { return }
    let json = set.json
    let printed = parsePolicies(set.cedarText, dialect: true)
    try require(!printed.diagnostics.hasErrors, "printed policies are refused")
    try require(printed.policies.json == json, "printing changed the policies")
    let read = parsePolicies(json: json)
    try require(read.diagnostics.isEmpty, "written JSON is refused")
    try require(read.policies.json == json, "JSON does not read back as the same policies")
  }

  /// The JSON policy format: what is accepted is written and read as the same policies.
  static let cedarPolicyJSON = FuzzTarget(
    name: "cedar-policy-json",
    dictionary: [
      "\"effect\"", "\"permit\"", "\"op\"", "\"All\"", "\"==\"", "\"entity\"", "\"conditions\"",
      "\"kind\"", "\"body\"", "\"Value\"", "\"&&\"", "\"left\"", "\"right\"", "\"Var\"", "\"has\"",
      "\"attr\"", "\"__entity\"", "\"Set\"", "\"Record\"", "null", "true", "[", "]", "{", "}", ":",
    ]
  ) { input in
    let (set, diagnostics) = parsePoliciesJSON(String(decoding: input, as: UTF8.self))
    guard !diagnostics.hasErrors else { return }
    let json = set.json
    let again = parsePolicies(json: json)
    try require(again.diagnostics.isEmpty, "written JSON is refused")
    try require(again.policies.json == json, "JSON does not read back as the same policies")
    _ = set.cedarText
  }

  /// Schema text: what is accepted is printed and resolved without changing its meaning.
  static let cedarSchema = FuzzTarget(
    name: "cedar-schema",
    dictionary: [
      "entity ", "action ", "type ", "namespace A {", "appliesTo {", "principal: ", "resource: ",
      "context: {", "in [", "enum [", "tags ", "Set<", "Long", "String", "Bool", "ipaddr",
      "__cedar::Long", "?: ", "@doc(\"a\")", ";", "}", "{", ",", "::", "A::B",
    ]
  ) { input in
    let source = String(decoding: input, as: UTF8.self)
    let (document, diagnostics) = parseSchemaDocument(source)
    for diagnostic in diagnostics {
      for label in diagnostic.labels {
        try require(Int(label.span.end) <= source.utf8.count, "a label lies behind the source")
      }
    }
    let (schema, _) = document.resolved()
    guard !diagnostics.hasErrors else { return }
    let printed = parseSchemaDocument(document.cedarText)
    try require(!printed.diagnostics.hasErrors, "a printed schema is refused")
    try require(printed.document.json == document.json, "printing changed the schema")
    if schema != nil {
      let (again, _) = parseSchemaDocumentJSON(document.json.text).document.resolved()
      try require(again != nil, "the JSON form does not resolve")
    }
  }
}
