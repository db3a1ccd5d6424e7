// SPDX-License-Identifier: MIT

/// Findings about the text of policies. Shared by the schema parser where the words are the same.
extension DiagnosticCode {
  // Lexical
  public static let invalidToken = DiagnosticCode(1)
  public static let unterminatedString = DiagnosticCode(2)
  public static let invalidEscape = DiagnosticCode(3)
  public static let lineContinuation = DiagnosticCode(4)
  public static let integerTooLarge = DiagnosticCode(5)
  public static let invalidDecimalLiteral = DiagnosticCode(6)
  public static let sourceTooLarge = DiagnosticCode(7)

  // Structure
  public static let unexpectedToken = DiagnosticCode(10)
  public static let unexpectedEnd = DiagnosticCode(11)
  public static let invalidEffect = DiagnosticCode(12)
  public static let invalidCondition = DiagnosticCode(13)
  public static let emptyCondition = DiagnosticCode(14)
  public static let duplicateAnnotation = DiagnosticCode(15)
  public static let reservedIdentifier = DiagnosticCode(16)
  public static let nestingTooDeep = DiagnosticCode(17)
  public static let dialectOnly = DiagnosticCode(18)
  public static let tooManyDiagnostics = DiagnosticCode(19)

  // Scope
  public static let missingScopeVariable = DiagnosticCode(20)
  public static let wrongScopeVariable = DiagnosticCode(21)
  public static let extraScopeElement = DiagnosticCode(22)
  public static let scopeTypeAnnotation = DiagnosticCode(23)
  public static let invalidScopeOperator = DiagnosticCode(24)
  public static let invalidScopeOperand = DiagnosticCode(25)
  public static let invalidActionType = DiagnosticCode(26)
  public static let misplacedSlot = DiagnosticCode(27)
  public static let unknownSlot = DiagnosticCode(28)

  // Expressions
  public static let unknownVariable = DiagnosticCode(40)
  public static let singleEqual = DiagnosticCode(41)
  public static let ambiguousOperators = DiagnosticCode(42)
  public static let tooManyUnaryOperators = DiagnosticCode(43)
  public static let unsupportedOperator = DiagnosticCode(44)
  public static let invalidHasOperand = DiagnosticCode(45)
  public static let invalidLikeOperand = DiagnosticCode(46)
  public static let invalidIsOperand = DiagnosticCode(47)
  public static let invalidIndex = DiagnosticCode(48)
  public static let invalidRecordKey = DiagnosticCode(49)
  public static let duplicateRecordKey = DiagnosticCode(50)
  public static let invalidEntityLiteral = DiagnosticCode(51)
  public static let notCallable = DiagnosticCode(52)
  public static let unknownFunction = DiagnosticCode(53)
  public static let unknownMethod = DiagnosticCode(54)
  public static let methodCalledAsFunction = DiagnosticCode(55)
  public static let functionCalledAsMethod = DiagnosticCode(56)
  public static let wrongArgumentCount = DiagnosticCode(57)
  public static let nameHasNoMembers = DiagnosticCode(58)
}
