// SPDX-License-Identifier: MIT

public import CedarSyntax
public import DecisionIR

/// How policies are named in answers.
public enum PolicyIdentifiers: String, Sendable, CaseIterable {
  /// By the ids of the policy set: `policy0`, `policy1` … in file order for text.
  case position
  /// By `@id`, and by position where there is none.
  case annotation
}

/// The result of compiling: an image and the program loaded from it.
public struct CompiledPolicies: Sendable {
  /// What `Program(image:)` accepts and `policyc compile` writes.
  public let image: [UInt8]
  public let program: Program
  /// Warnings; errors end the compilation instead.
  public let diagnostics: [Diagnostic]
}

/// Why policies could not be compiled; holds at least one error.
public struct CompilationFailure: Error, Sendable {
  public let diagnostics: [Diagnostic]
}

/// Compiles static policies and linked templates, in that order. Templates alone decide nothing and
/// are left out.
///
/// - Parameters:
///   - files: the sources that spans refer to; gives policies their file name and line.
public func compilePolicies(
  _ set: PolicySet, files: SourceFiles = SourceFiles(),
  identifiers: PolicyIdentifiers = .annotation
) -> Result<CompiledPolicies, CompilationFailure> {
  var compiler = Compiler(files: files, identifiers: identifiers)
  compiler.compile(set)
  if compiler.diagnostics.hasErrors {
    return .failure(CompilationFailure(diagnostics: compiler.diagnostics))
  }
  let image = compiler.draft.image()
  do throws(ImageError) {
    let program = try Program(image: image)
    return .success(
      CompiledPolicies(image: image, program: program, diagnostics: compiler.diagnostics))
  } catch {
    let problem = Diagnostic(
      .error, .tooLargeToCompile, "the policies are too large to compile: \(error)")
    return .failure(CompilationFailure(diagnostics: compiler.diagnostics + [problem]))
  }
}

/// A compiled expression: a program whose condition 0 ends with the expression's value.
public func compileExpression(
  _ expression: Expression
) -> Result<Program, CompilationFailure> {
  var compiler = Compiler(files: SourceFiles(), identifiers: .position)
  compiler.compile(expression)
  if compiler.diagnostics.hasErrors {
    return .failure(CompilationFailure(diagnostics: compiler.diagnostics))
  }
  do throws(ImageError) {
    return .success(try Program(image: compiler.draft.image()))
  } catch {
    let problem = Diagnostic(
      .error, .tooLargeToCompile, "the expression is too large to compile: \(error)")
    return .failure(CompilationFailure(diagnostics: [problem]))
  }
}
