// SPDX-License-Identifier: MIT

extension DiagnosticRenderer {
  /// A SARIF 2.1.0 log with one run (OASIS sarif-v2.1.0).
  /// - Parameters:
  ///   - tool: The name of the program, `policyc`.
  ///   - version: Its version.
  public func sarif(_ diagnostics: [Diagnostic], tool: String, version: String) -> String {
    let codes = Set(diagnostics.map(\.code)).sorted { $0.number < $1.number }
    let rules = codes.map { code in
      CedarJSON.members(
        ("id", .string(code.description)),
        ("shortDescription", .members(("text", .string(code.title)))))
    }
    let driver = CedarJSON.members(
      ("name", .string(tool)), ("version", .string(version)), ("rules", .array(rules)))
    let run = CedarJSON.members(
      ("tool", .members(("driver", driver))),
      ("columnKind", .string("unicodeCodePoints")),
      ("results", .array(diagnostics.map { result($0, codes) })))
    return CedarJSON.members(
      ("$schema", .string("https://json.schemastore.org/sarif-2.1.0.json")),
      ("version", .string("2.1.0")), ("runs", .array([run]))
    ).prettyText + "\n"
  }

  private func result(_ diagnostic: Diagnostic, _ codes: [DiagnosticCode]) -> CedarJSON {
    var text = diagnostic.message
    if let help = diagnostic.help { text += "\nhelp: \(help)" }
    let locations = diagnostic.labels.compactMap(location)
    var members: [CedarJSON.Member] = [
      .init("ruleId", .string(diagnostic.code.description)),
      .init("ruleIndex", .integer(Int64(codes.firstIndex(of: diagnostic.code) ?? 0))),
      .init("level", .string(diagnostic.severity.rawValue)),
      .init("message", .members(("text", .string(text)))),
      .init("locations", .array(Array(locations.prefix(1)))),
    ]
    if locations.count > 1 {
      members.append(.init("relatedLocations", .array(Array(locations.dropFirst()))))
    }
    if let fix = diagnostic.fix, let fix = sarif(fix, diagnostic.help) {
      members.append(.init("fixes", .array([fix])))
    }
    return .object(members)
  }

  private func location(_ label: Diagnostic.Label) -> CedarJSON? {
    guard let place = place(label.span) else { return nil }
    var members: [CedarJSON.Member] = [
      .init(
        "physicalLocation",
        .members(("artifactLocation", artifact(place)), ("region", region(place))))
    ]
    if !label.text.isEmpty {
      members.append(.init("message", .members(("text", .string(label.text)))))
    }
    return .object(members)
  }

  private func artifact(_ place: Place) -> CedarJSON {
    .members(("uri", .string(Self.uri(place.file.name))))
  }

  private func region(_ place: Place) -> CedarJSON {
    .members(
      ("startLine", .integer(Int64(place.line))),
      ("startColumn", .integer(Int64(place.column))),
      ("endLine", .integer(Int64(place.endLine))),
      ("endColumn", .integer(Int64(place.endColumn))),
      ("byteOffset", .integer(Int64(place.span.start))),
      ("byteLength", .integer(Int64(place.span.count))))
  }

  private func sarif(_ fix: Diagnostic.Fix, _ help: String?) -> CedarJSON? {
    guard let place = place(fix.span) else { return nil }
    let replacement = CedarJSON.members(
      ("deletedRegion", region(place)),
      ("insertedContent", .members(("text", .string(fix.replacement)))))
    let change = CedarJSON.members(
      ("artifactLocation", artifact(place)), ("replacements", .array([replacement])))
    return .members(
      ("description", .members(("text", .string(help ?? "replace")))),
      ("artifactChanges", .array([change])))
  }

  /// A path as a URI reference: everything but unreserved characters and `/` is escaped.
  static func uri(_ path: String) -> String {
    var result = ""
    for byte in path.utf8 {
      if Lexer.isIdentifierPart(byte) || byte == UInt8(ascii: "/") || byte == UInt8(ascii: ".")
        || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "~")
      {
        result.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        let digits = String(byte, radix: 16, uppercase: true)
        result += "%" + (digits.utf8.count == 1 ? "0" : "") + digits
      }
    }
    return result
  }
}
