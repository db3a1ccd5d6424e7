// SPDX-License-Identifier: MIT

/// The value of an attribute: what OTLP's `AnyValue` can say, as far as it is needed here.
public enum AttributeValue: Sendable, Equatable {
  case text(String)
  case truth(Bool)
  case integer(Int64)
  case number(Double)
  case texts([String])
}

/// A named value of a span, a resource or a data point.
public struct Attribute: Sendable, Equatable {
  public var name: String
  public var value: AttributeValue

  public init(_ name: String, _ value: AttributeValue) {
    self.name = name
    self.value = value
  }
}

/// A finished span as it is exported. Times are nanoseconds since 1970.
public struct Span: Sendable, Equatable {
  /// The numbers are those of OTLP's `SpanKind`.
  public enum Kind: UInt8, Sendable {
    case server = 2
    case client = 3
  }

  public var context: TraceContext
  /// 0 for a root.
  public var parentSpanID: UInt64 = 0
  public var traceState = ""
  public var kind: Kind
  public var name: String
  public var startNanoseconds: UInt64 = 0
  public var endNanoseconds: UInt64 = 0
  public var attributes: [Attribute] = []
  /// Nil where the status stays unset.
  public var errorMessage: String?

  public init(_ context: TraceContext, kind: Kind, name: String) {
    self.context = context
    self.kind = kind
    self.name = name
  }
}

extension TraceContext {
  /// 32 hexadecimal digits.
  public var traceIDText: String {
    HexadecimalDigits.text(traceHigh) + HexadecimalDigits.text(traceLow)
  }
}
