// SPDX-License-Identifier: MIT

public import Bytes

/// Appends response heads to a caller's buffer: a status line, fields one by one, the empty line.
public enum ResponseHeadWriter {
  /// Appends `HTTP/1.1 200 OK` and CRLF. A status without a standard phrase gets an empty one.
  @inlinable
  public static func appendStatusLine(_ status: UInt16, to writer: inout ByteWriter) {
    if status == 200 {
      writer.append("HTTP/1.1 200 OK\r\n")
      return
    }
    writer.append("HTTP/1.1 ")
    writer.append(decimal: UInt64(status))
    writer.append(0x20)
    writer.append(reason(status))
    writer.append("\r\n")
  }

  @inlinable @inline(__always)
  public static func appendField(
    _ name: StaticString, _ value: ByteView, to writer: inout ByteWriter
  ) {
    writer.append(name)
    writer.append(": ")
    writer.append(value)
    writer.append("\r\n")
  }

  @inlinable @inline(__always)
  public static func appendField(
    _ name: StaticString, _ value: StaticString, to writer: inout ByteWriter
  ) {
    writer.append(name)
    writer.append(": ")
    writer.append(value)
    writer.append("\r\n")
  }

  @inlinable @inline(__always)
  public static func appendContentLength(_ byteCount: UInt64, to writer: inout ByteWriter) {
    writer.append("content-length: ")
    writer.append(decimal: byteCount)
    writer.append("\r\n")
  }

  @inlinable @inline(__always)
  public static func appendEnd(to writer: inout ByteWriter) {
    writer.append("\r\n")
  }

  /// The phrase of RFC 9110 section 15 (and RFC 6585), empty if there is none.
  public static func reason(_ status: UInt16) -> StaticString {
    switch status {
    case 100: "Continue"
    case 200: "OK"
    case 201: "Created"
    case 202: "Accepted"
    case 204: "No Content"
    case 301: "Moved Permanently"
    case 302: "Found"
    case 304: "Not Modified"
    case 307: "Temporary Redirect"
    case 308: "Permanent Redirect"
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 402: "Payment Required"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 406: "Not Acceptable"
    case 408: "Request Timeout"
    case 409: "Conflict"
    case 410: "Gone"
    case 411: "Length Required"
    case 413: "Content Too Large"
    case 414: "URI Too Long"
    case 415: "Unsupported Media Type"
    case 417: "Expectation Failed"
    default: laterReason(status)
    }
  }

  private static func laterReason(_ status: UInt16) -> StaticString {
    switch status {
    case 421: "Misdirected Request"
    case 422: "Unprocessable Content"
    case 424: "Failed Dependency"
    case 426: "Upgrade Required"
    case 429: "Too Many Requests"
    case 431: "Request Header Fields Too Large"
    case 499: "Client Closed Request"
    case 500: "Internal Server Error"
    case 501: "Not Implemented"
    case 502: "Bad Gateway"
    case 503: "Service Unavailable"
    case 504: "Gateway Timeout"
    case 505: "HTTP Version Not Supported"
    case 529: "Site Overloaded"
    default: ""
    }
  }
}
