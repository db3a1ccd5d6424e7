// SPDX-License-Identifier: MIT

import Bytes
import HTTPWire

extension FuzzTarget {
  /// A chunked body decodes to the same bytes and the same end whole and in pieces.
  static let chunkedBody = FuzzTarget(
    name: "chunked-body",
    dictionary: [
      "\r\n", "0\r\n\r\n", "0\r\n", "1\r\na\r\n", "5;a=b\r\n", "ffffffffffffffff\r\n", "00", ";",
      "Trailer: x\r\n", "\n", "\r", " ", "\t", "A\r\n0123456789\r\n", "\"",
    ]
  ) { input in
    let (whole, cuts) = pieces(of: input)
    let direct = decode([whole[...]])
    let stepwise = decode(cuts)
    try require(direct == stepwise, "whole: \(direct); in pieces: \(stepwise)")
    try require(direct.payload.count <= whole.count, "more payload than input")
    try require(direct.consumed <= whole.count, "read past the end")
  }

  /// Event boundaries are the same whole and in pieces, and events lie inside their bytes.
  static let eventStream = FuzzTarget(
    name: "event-stream",
    dictionary: [
      "data: ", "data:", "\n\n", "\r\n\r\n", "\r\r", "\n", "\r", ": comment\n", "event: error\n",
      "id: 1\n", "retry: 5\n", "data: [DONE]\n\n", "\u{FEFF}", "data\n", "é",
    ]
  ) { input in
    let (whole, cuts) = pieces(of: input)
    let direct = withView(whole) { view in
      var splitter = ServerSentEventSplitter()
      return splitter.scan(view)
    }
    var splitter = ServerSentEventSplitter()
    var boundary = 0
    var offset = 0
    for piece in cuts {
      let found = withView(piece) { splitter.scan($0) }
      try require(found >= 0 && found <= piece.count, "a boundary outside the piece")
      if found > 0 { boundary = offset + found }
      offset += piece.count
    }
    try require(direct == boundary, "boundary \(direct) whole, \(boundary) in pieces")
    try checkEvents(whole)
  }
}

private struct Decoded: Equatable {
  var payload: [UInt8] = []
  var end = ""
  var consumed = 0
}

private func decode(_ pieces: [ArraySlice<UInt8>]) -> Decoded {
  let limits = ChunkedLimits(extensionBytesMax: 32, trailerBytesMax: 64)
  var decoder = ChunkedDecoder()
  var decoded = Decoded()
  for piece in pieces {
    let isDone = withView(piece) { view in
      var offset = 0
      defer { decoded.consumed += offset }
      while true {
        switch decoder.next(in: view, offset: &offset, limits: limits) {
        case .payload(let bytes):
          for index in 0..<bytes.count { decoded.payload.append(bytes[index]) }
        case .needMore: return false
        case .complete:
          decoded.end = "complete"
          return true
        case .failure(let error):
          decoded.end = "\(error)"
          return true
        }
      }
    }
    if isDone { break }
  }
  return decoded
}

private func checkEvents(_ bytes: [UInt8]) throws {
  try withView(bytes) { view in
    var iterator = ServerSentEventIterator(view, isStreamStart: true)
    var end = 0
    while let event = iterator.next() {
      try require(event.range.lowerBound >= end, "events overlap")
      try require(event.range.upperBound <= view.count, "an event outside the bytes")
      try require(event.range.upperBound > end, "an event without bytes")
      for part in [event.data, event.name] where !part.isEmpty {
        try require(
          part.lowerBound >= event.range.lowerBound && part.upperBound <= event.range.upperBound,
          "a field outside its event")
      }
      end = event.range.upperBound
    }
  }
}
