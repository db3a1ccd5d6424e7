// SPDX-License-Identifier: MIT

/// Findings about the JSON forms of policies and schemas.
extension DiagnosticCode {
  public static let jsonSyntax = DiagnosticCode(800)
  public static let jsonShape = DiagnosticCode(801)
  public static let jsonUnknownKey = DiagnosticCode(802)
  public static let jsonDuplicateKey = DiagnosticCode(803)
  public static let jsonInvalidName = DiagnosticCode(804)
  /// A link of no template, or one that does not fill its slots.
  public static let invalidLink = DiagnosticCode(701)
  public static let jsonInvalidValue = DiagnosticCode(805)
  public static let jsonTooDeep = DiagnosticCode(806)
}
