// SPDX-License-Identifier: MIT

public import Bytes

/// The head of a request whose body the gateway has written itself.
public enum TranslatedHead {
  /// Appends the head, from the request line to the empty line.
  ///
  /// - Parameters:
  ///   - path: below the base path, with its query.
  ///   - fields: besides credential, content type and length.
  ///   - passedFields: whole lines of the client's that pass.
  /// - Returns: false if the head did not fit (`writer` holds a part of it then).
  public static func append(
    path: String, fields: [(name: StaticString, value: String)], to endpoint: UpstreamEndpoint,
    contentLength: UInt64, passedFields: ByteView, writer: inout ByteWriter
  ) -> Bool {
    writer.append("POST ")
    writer.append(endpoint.basePath)
    path.withByteView { writer.append($0) }
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
    writer.append("content-length: ")
    writer.append(decimal: contentLength)
    writer.append("\r\n\r\n")
    return !writer.overflowed
  }
}
