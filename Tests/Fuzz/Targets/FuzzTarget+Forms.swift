// SPDX-License-Identifier: MIT

import Bytes
import HTTPWire

extension FuzzTarget {
  /// A form gives the same parts whole and in pieces, and none of its bytes twice.
  static let multipart = FuzzTarget(
    name: "multipart",
    dictionary: [
      "--b\r\n", "\r\n--b\r\n", "--b--", "\r\n--b--\r\n", "\r\n\r\n", "--b \t\r\n", "--bb", "\r",
      "Content-Disposition: form-data; name=\"model\"", "; filename=\"a\"", "name=", "\\", "\"",
      "content-disposition:form-data;name=n\r\n\r\n", "\0", ";", "name*=",
    ]
  ) { input in
    let (whole, cuts) = pieces(of: input)
    let direct = parts([whole[...]])
    let stepwise = parts(cuts)
    try require(direct == stepwise, "whole: \(direct); in pieces: \(stepwise)")
    let count = direct.contents.reduce(0) { $0 + $1.count }
    try require(count <= whole.count, "more content than input")
  }
}

private struct FormParts: Equatable {
  var names: [String] = []
  var contents: [[UInt8]] = []
  var end = "cut"
}

private func parts(_ pieces: [ArraySlice<UInt8>]) -> FormParts {
  var result = FormParts()
  guard var scanner = withView([0x62], { MultipartScanner(boundary: $0) }) else { return result }
  var held: [UInt8] = []
  for piece in pieces {
    held += piece
    var offset = 0
    let isOver = withView(held) { view in
      while true {
        switch scanner.next(in: view, offset: &offset) {
        case .part(let part):
          result.names.append(part.name.string + (part.hasFileName ? " file" : ""))
          result.contents.append([])
        case .data(let bytes):
          for index in 0..<bytes.count {
            result.contents[result.contents.count - 1].append(bytes[index])
          }
        case .delimiter: break
        case .needMore: return false
        case .complete:
          result.end = "complete"
          return true
        case .failure(let error):
          result.end = "\(error)"
          return true
        }
      }
    }
    if isOver { return result }
    held.removeFirst(offset)
  }
  if withView(held, { scanner.isClosed(by: $0) }) { result.end = "closed" }
  return result
}
