// SPDX-License-Identifier: MIT

/// What is wrong with a message, and what a server answers. The cases are stable: their names go
/// into logs and metrics. A connection on which one occurs is closed after the answer, since where
/// the next message would start is no longer known.
public enum WireError: UInt8, Error, CaseIterable, Sendable {
  case bareLineFeed
  case bareCarriageReturn
  case startLineMalformed
  case methodInvalid
  case targetInvalid
  case targetTooLong
  case versionMalformed
  case versionUnsupported
  case http2Preface
  case statusInvalid
  case emptyLinesExcessive
  case headTooLarge
  case fieldsTooMany
  case fieldNameInvalid
  case fieldNameEmpty
  case fieldSpaceBeforeColon
  case fieldColonMissing
  case fieldFolded
  case fieldValueInvalid
  case hostMissing
  case hostDuplicate
  case hostInvalid
  case hostMismatch
  case contentLengthInvalid
  case contentLengthDuplicate
  case transferEncodingInvalid
  case transferEncodingDuplicate
  case transferEncodingUnsupported
  case transferEncodingInOldVersion
  case framingAmbiguous
  case expectationUnsupported
  case chunkSizeInvalid
  case chunkSizeTooLarge
  case chunkExtensionTooLong
  case chunkTerminatorMissing
  case trailerInvalid
  case trailersTooLarge

  /// The status of the answer when a client's request is at fault (RFC 9110 section 15.5, RFC
  /// 6585). The same fault in an upstream's response is a 502 for the client.
  public var status: UInt16 {
    switch self {
    case .targetTooLong: 414
    case .headTooLarge, .fieldsTooMany, .trailersTooLarge: 431
    case .expectationUnsupported: 417
    case .versionUnsupported, .http2Preface: 505
    case .transferEncodingUnsupported: 501
    default: 400
    }
  }

  /// One sentence for the person who reads the answer.
  public var sentence: StaticString {
    switch self {
    case .bareLineFeed: "A line of the head ends with LF alone instead of CRLF."
    case .bareCarriageReturn: "The head contains a CR that is not followed by LF."
    case .startLineMalformed: "The first line is not a request line or status line."
    case .methodInvalid: "The request method is not a token."
    case .targetInvalid: "The request target is not a valid URI reference for this method."
    case .targetTooLong: "The request target is longer than this server accepts."
    case .versionMalformed: "The protocol version is not of the form HTTP/1.1."
    case .versionUnsupported: "Only HTTP/1.0 and HTTP/1.1 are spoken on this connection."
    case .http2Preface: "HTTP/2 is not spoken on this connection."
    case .statusInvalid: "The status code is not three digits from 100 up."
    case .emptyLinesExcessive: "Too many empty lines stand before the request line."
    case .headTooLarge: "The request head is larger than this server accepts."
    case .fieldsTooMany: "The request has more header fields than this server accepts."
    case .fieldNameInvalid: "A header field name contains a character that is not allowed."
    case .fieldNameEmpty: "A header field has no name."
    case .fieldSpaceBeforeColon: "White space stands between a header field name and its colon."
    case .fieldColonMissing: "A header line has no colon."
    case .fieldFolded: "A header line starts with white space; folded lines are not accepted."
    case .fieldValueInvalid: "A header field value contains a control character."
    default: framingSentence
    }
  }

  private var framingSentence: StaticString {
    switch self {
    case .hostMissing: "The Host header field is missing."
    case .hostDuplicate: "The Host header field occurs more than once."
    case .hostInvalid: "The Host header field is not a valid host and port."
    case .hostMismatch: "The Host header field differs from the host in the request target."
    case .contentLengthInvalid: "The Content-Length is not a decimal number that fits 63 bits."
    case .contentLengthDuplicate: "The Content-Length header field occurs more than once."
    case .transferEncodingInvalid: "The Transfer-Encoding is not exactly chunked."
    case .transferEncodingDuplicate: "The Transfer-Encoding header field occurs more than once."
    case .transferEncodingUnsupported: "No transfer coding other than chunked is supported."
    case .transferEncodingInOldVersion: "Transfer-Encoding is not allowed in HTTP/1.0."
    case .framingAmbiguous: "Content-Length and Transfer-Encoding must not occur together."
    case .expectationUnsupported: "No expectation other than 100-continue is supported."
    case .chunkSizeInvalid: "A chunk size is not a hexadecimal number followed by CRLF."
    case .chunkSizeTooLarge: "A chunk size does not fit 60 bits."
    case .chunkExtensionTooLong: "The chunk extensions are longer than this server accepts."
    case .chunkTerminatorMissing: "The data of a chunk is not followed by CRLF."
    case .trailerInvalid: "A trailer field is malformed."
    case .trailersTooLarge: "The trailer fields are larger than this server accepts."
    default: "The message is malformed."
    }
  }
}
