// SPDX-License-Identifier: MIT

public import CedarSyntax

extension DiagnosticCode {
  /// An annotation that ranks policies does not hold a number.
  public static let invalidPriority = DiagnosticCode(700)
  /// The image would break a limit of its format.
  public static let tooLargeToCompile = DiagnosticCode(702)
  /// A slot stands where no link can fill it.
  public static let unfilledSlot = DiagnosticCode(703)
}
