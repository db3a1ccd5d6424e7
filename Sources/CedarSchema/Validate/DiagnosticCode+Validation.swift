// SPDX-License-Identifier: MIT

public import CedarSyntax

/// Findings about policies against a schema.
extension DiagnosticCode {
  public static let unknownEntityType = DiagnosticCode(400)
  public static let unknownAction = DiagnosticCode(401)
  public static let appliesToNothing = DiagnosticCode(402)
  public static let unexpectedType = DiagnosticCode(403)
  public static let incompatibleTypes = DiagnosticCode(404)
  public static let unknownAttribute = DiagnosticCode(405)
  public static let unsafeOptionalAttribute = DiagnosticCode(406)
  public static let unsafeTag = DiagnosticCode(407)
  public static let typeWithoutTags = DiagnosticCode(408)
  public static let emptySet = DiagnosticCode(409)
  public static let constructorWithoutLiteral = DiagnosticCode(410)
  public static let invalidExtensionLiteral = DiagnosticCode(411)
  public static let unknownEnumerationID = DiagnosticCode(412)
  public static let impossiblePolicy = DiagnosticCode(413)
  public static let wrongExtensionArguments = DiagnosticCode(414)
  public static let levelExceeded = DiagnosticCode(415)
  public static let literalDereference = DiagnosticCode(416)
}
