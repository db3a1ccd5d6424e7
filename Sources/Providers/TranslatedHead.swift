// SPDX-License-Identifier: MIT

public import Bytes

/// The methods of requests to upstreams.
public enum UpstreamMethod: UInt8, Sendable {
  case post
  case get
  case delete

  public var hasBody: Bool { self == .post }

  var text: StaticString {
    switch self {
    case .post: "POST"
    case .get: "GET"
    case .delete: "DELETE"
    }
  }
}

/// The head of a request whose body the gateway has written itself.
public enum TranslatedHead {
  /// Appends the head, from the request line to the empty line.
  ///
  /// - Parameters:
  ///   - method: one other than POST has no body.
  ///   - path: below the base path, with its query.
  ///   - fields: besides credential, content type and length.
  ///   - passedFields: whole lines of the client's that pass.
  /// - Returns: false if the head did not fit (`writer` holds a part of it then).
  public static func append(
    method: UpstreamMethod = .post, path: String, fields: [(name: StaticString, value: String)],
    to endpoint: UpstreamEndpoint,
    contentLength: UInt64, passedFields: ByteView, writer: inout ByteWriter
  ) -> Bool {
    writer.append(method.text)
    writer.append(0x20)
    writer.append(endpoint.basePath)
    if endpoint.pathStyle == .azureDeployments {
      writer.append("/openai/deployments/")
      OpenAICompatible.appendPercentEncoded(endpoint.model, &writer)
    }
    let hasQuery = path.withByteView { path in
      writer.append(path)
      return path.firstIndex(of: 0x3f) != nil
    }
    if !endpoint.query.isEmpty {
      writer.append(hasQuery ? 0x26 : 0x3f)
      writer.append(endpoint.query)
    }
    writer.append(" HTTP/1.1\r\nhost: ")
    writer.append(endpoint.authority)
    writer.append("\r\n")
    OpenAICompatible.appendCredential(endpoint, &writer)
    writer.append("accept-encoding: identity\r\n")
    for field in fields {
      writer.append(field.name)
      writer.append(": ")
      field.value.withByteView { writer.append($0) }
      writer.append("\r\n")
    }
    if passedFields.isEmpty { writer.append("content-type: application/json\r\n") }
    writer.append(passedFields)
    if method.hasBody {
      writer.append("content-length: ")
      writer.append(decimal: contentLength)
      writer.append("\r\n")
    }
    writer.append("\r\n")
    return !writer.overflowed
  }
}
