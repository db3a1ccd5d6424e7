// SPDX-License-Identifier: MIT

/// How an export is encoded: the values of `OTEL_EXPORTER_OTLP_PROTOCOL` that are spoken here.
public enum OTLPEncoding: String, CaseIterable, Sendable {
  case protobuf = "http/protobuf"
  case json = "http/json"

  public var contentType: String {
    switch self {
    case .protobuf: "application/x-protobuf"
    case .json: "application/json"
    }
  }
}

/// Who is speaking: OTLP's resource and instrumentation scope.
public struct OTLPOrigin: Sendable {
  public var resource: [Attribute]
  public var scopeName: String
  public var scopeVersion: String

  public init(resource: [Attribute], scopeName: String, scopeVersion: String) {
    self.resource = resource
    self.scopeName = scopeName
    self.scopeVersion = scopeVersion
  }
}

extension OTLPSink {
  /// `opentelemetry.proto.resource.v1.Resource` in field 1 of `ResourceSpans` and
  /// `ResourceMetrics`.
  mutating func resource(_ origin: OTLPOrigin) {
    message(OTLPField(1, "resource")) { $0.attributes(OTLPField(1, "attributes"), origin.resource) }
  }

  /// `opentelemetry.proto.common.v1.InstrumentationScope` in field 1 of `ScopeSpans` and
  /// `ScopeMetrics`.
  mutating func scope(_ origin: OTLPOrigin) {
    message(OTLPField(1, "scope")) { sink in
      sink.text(OTLPField(1, "name"), origin.scopeName, always: false)
      sink.text(OTLPField(2, "version"), origin.scopeVersion, always: false)
    }
  }

  /// `repeated opentelemetry.proto.common.v1.KeyValue`.
  mutating func attributes(_ field: OTLPField, _ attributes: [Attribute]) {
    messages(field, attributes) { sink, attribute in
      sink.text(OTLPField(1, "key"), attribute.name, always: false)
      sink.message(OTLPField(2, "value")) { $0.value(attribute.value) }
    }
  }

  /// `opentelemetry.proto.common.v1.AnyValue`: a `oneof`, so defaults are written.
  private mutating func value(_ value: AttributeValue) {
    switch value {
    case .text(let text): self.text(OTLPField(1, "stringValue"), text, always: true)
    case .truth(let truth): self.truth(OTLPField(2, "boolValue"), truth, always: true)
    case .integer(let integer): self.integer(OTLPField(3, "intValue"), integer, always: true)
    case .number(let number): self.number(OTLPField(4, "doubleValue"), number, always: true)
    case .texts(let texts):
      message(OTLPField(5, "arrayValue")) { sink in
        sink.messages(OTLPField(1, "values"), texts) { $0.value(.text($1)) }
      }
    }
  }
}
