// SPDX-License-Identifier: MIT

public import CedarSyntax

/// Findings about schemas.
extension DiagnosticCode {
  public static let unknownDeclaration = DiagnosticCode(200)
  public static let duplicateDeclaration = DiagnosticCode(201)
  public static let duplicateAttribute = DiagnosticCode(202)
  public static let unknownType = DiagnosticCode(203)
  public static let unknownSchemaEntityType = DiagnosticCode(204)
  public static let unknownSchemaAction = DiagnosticCode(205)
  public static let commonTypeCycle = DiagnosticCode(206)
  public static let actionCycle = DiagnosticCode(207)
  public static let contextIsNoRecord = DiagnosticCode(208)
  public static let shapeIsNoRecord = DiagnosticCode(209)
  public static let reservedSchemaName = DiagnosticCode(210)
  public static let incompleteAppliesTo = DiagnosticCode(211)
  public static let shadowedDeclaration = DiagnosticCode(212)
  public static let duplicateAppliesToKey = DiagnosticCode(213)
  public static let emptyEnumeration = DiagnosticCode(214)
  public static let actionAttributes = DiagnosticCode(215)
  public static let typeTooDeep = DiagnosticCode(216)
  public static let duplicateNamespace = DiagnosticCode(217)
}
