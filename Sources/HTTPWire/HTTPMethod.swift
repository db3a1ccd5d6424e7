// SPDX-License-Identifier: MIT

import Bytes

/// The method of a request (RFC 9110 section 9). Methods are case-sensitive.
public enum HTTPMethod: UInt8, Sendable {
  /// A token without a name of its own here; the text is in `RequestHead.methodRange`.
  case other
  case get
  case head
  case post
  case put
  case delete
  case connect
  case options
  case trace
  case patch

  init(_ token: ByteView) {
    self =
      switch token.count {
      case 3: token.equals("GET") ? .get : token.equals("PUT") ? .put : .other
      case 4: token.equals("POST") ? .post : token.equals("HEAD") ? .head : .other
      case 5: token.equals("PATCH") ? .patch : token.equals("TRACE") ? .trace : .other
      case 6: token.equals("DELETE") ? .delete : .other
      case 7: token.equals("OPTIONS") ? .options : token.equals("CONNECT") ? .connect : .other
      default: .other
      }
  }
}
