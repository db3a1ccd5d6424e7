// SPDX-License-Identifier: MIT

/// Findings about policies that are valid but hardly meant.
extension DiagnosticCode {
  public static let missingID = DiagnosticCode(600)
  public static let duplicateID = DiagnosticCode(601)
  public static let unknownAnnotation = DiagnosticCode(602)
  public static let invalidAnnotationValue = DiagnosticCode(603)
  public static let conditionAlwaysFalse = DiagnosticCode(604)
  public static let conditionAlwaysTrue = DiagnosticCode(605)
  public static let decimalsCompared = DiagnosticCode(606)
  public static let obligationOnForbid = DiagnosticCode(607)
  public static let unreachablePolicy = DiagnosticCode(608)
}
