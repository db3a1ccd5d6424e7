// SPDX-License-Identifier: MIT

/// A node of a condition, with the source it stands for.
///
/// Chains of `&&`, `||`, `+ -` and `*` are n-ary, so that the depth of a tree is bounded by
/// `CedarLimits.depthMax` however long a chain is; passes over the tree may recurse.
/// Sugar is kept as written (`!=`, `>`, `has a.b`, dialect forms): `desugared()` removes the
/// dialect, and each case says what it stands for.
public final class Expression: Sendable {
  public let kind: Kind
  public let span: SourceSpan
  /// One more than the deepest child's; 1 for a leaf.
  public let depth: Int

  public init(_ kind: Kind, span: SourceSpan = .none) {
    self.kind = kind
    self.span = span
    depth = kind.deepestChild + 1
  }

  /// What a node is. Operands are evaluated from left to right.
  public enum Kind: Sendable {
    case boolean(Bool)
    case long(Int64)
    case string(String)
    /// Dialect: `10.0`. Standard Cedar: `decimal("10.0")`.
    case decimal(DecimalLiteral)
    case entity(EntityUID)
    case variable(Variable)
    /// Only in JSON policies; the text form rejects slots in conditions.
    case slot(Slot)

    case not(Expression)
    /// Checked 64-bit negation. A negated literal is folded into `long`.
    case negate(Expression)
    /// Two or more operands; short-circuit from left to right.
    case and([Expression])
    /// Two or more operands; short-circuit from left to right.
    case or([Expression])
    /// `first op1 t1 op2 t2 …`, a left fold; `rest` is never empty.
    case sum(first: Expression, rest: [Term])
    /// Two or more factors, a left fold.
    case product([Expression])
    /// A relation with standard Cedar's meaning.
    case relation(Relation, Expression, Expression)
    /// Dialect: `<`, `<=`, `>` or `>=` of which at least one side is a `decimal` literal. The
    /// other side may be a long (widened, compared exactly) or a decimal at run time.
    case decimalComparison(Relation, Expression, Expression)
    case ifThenElse(Expression, then: Expression, else: Expression)
    /// `e has a.b.c`, one or more names: `e has a && e.a has b && e.a.b has c`.
    case has(Expression, [AttributeName])
    case like(Expression, Pattern)
    /// `e is T` or `e is T in x`; the latter is `e is T && e in x`.
    case isType(Expression, Name, in: Expression?)
    /// `e.name` and `e["name"]` alike.
    case attribute(Expression, AttributeName)
    /// A built-in method with the right number of arguments.
    case method(Method, Expression, [Expression])
    /// An extension function. The receiver of a method is the first argument. The number of
    /// arguments is *not* checked: a wrong one is an error at run time.
    case call(ExtensionFunction, [Expression])
    case set([Expression])
    /// Keys are unique.
    case record([RecordField])
  }

  /// `+ t` or `- t` in a sum.
  public struct Term: Sendable {
    public enum Operator: String, Sendable {
      case plus = "+"
      case minus = "-"
    }

    public let `operator`: Operator
    public let operand: Expression

    public init(_ operator: Operator, _ operand: Expression) {
      self.operator = `operator`
      self.operand = operand
    }
  }

  /// A key with its value in a record literal.
  public struct RecordField: Sendable {
    public let name: AttributeName
    public let value: Expression

    public init(_ name: AttributeName, _ value: Expression) {
      self.name = name
      self.value = value
    }
  }

  /// The request's variables.
  public enum Variable: String, Sendable, CaseIterable {
    case principal
    case action
    case resource
    case context
  }

  /// Binary relations, none of them associative.
  public enum Relation: String, Sendable, CaseIterable {
    case equal = "=="
    /// `!(a == b)`.
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    /// `!(a <= b)`.
    case greater = ">"
    /// `!(a < b)`.
    case greaterOrEqual = ">="
    case `in` = "in"
  }

  /// Methods of sets and entities.
  public enum Method: String, Sendable, CaseIterable {
    case contains
    case containsAll
    case containsAny
    case isEmpty
    case getTag
    case hasTag

    /// Arguments beside the receiver.
    public var argumentCount: Int { self == .isEmpty ? 0 : 1 }
  }
}

/// The name of an attribute or record key with its place.
public struct AttributeName: Sendable, Hashable {
  /// Any string; compared scalar by scalar.
  public let text: String
  public let span: SourceSpan

  public init(_ text: String, span: SourceSpan = .none) {
    self.text = text
    self.span = span
  }

  public static func == (left: AttributeName, right: AttributeName) -> Bool {
    CedarText.equal(left.text, right.text)
  }

  public func hash(into hasher: inout Hasher) {
    CedarText.hash(text, into: &hasher)
  }
}
