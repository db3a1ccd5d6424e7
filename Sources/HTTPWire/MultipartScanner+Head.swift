// SPDX-License-Identifier: MIT

internal import Bytes

/// Heads of parts.
extension MultipartScanner {
  mutating func readHead(_ bytes: ByteView, _ offset: inout Int) -> Event {
    var position = offset
    var part: MultipartPart?
    while true {
      let end = bytes.firstIndex(of: 0x0a, from: position)
      guard (end ?? bytes.count) - offset <= Self.headBytesMaximum else {
        return fail(.headTooLarge)
      }
      guard let end else { return .needMore }
      guard end > position, bytes[end - 1] == 0x0d else { return fail(.malformedHead) }
      let line = bytes[position..<end - 1]
      position = end + 1
      if line.isEmpty { break }
      guard line.firstIndex(of: 0x0d) == nil, line.firstIndex(of: 0x00) == nil,
        let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0,
        // Neither a line that is folded nor a blank in a name: readers differ about both.
        line.prefix(colon).firstIndex(of: 0x20) == nil,
        line.prefix(colon).firstIndex(of: 0x09) == nil
      else { return fail(.malformedHead) }
      guard line.prefix(colon).equalsIgnoringCase("content-disposition") else { continue }
      // A second one, or one that cannot be read, might mean another name to another reader.
      guard part == nil, let found = Self.disposition(line.dropFirst(colon + 1)) else {
        return fail(.malformedDisposition)
      }
      part = found
    }
    guard let part else { return fail(.malformedDisposition) }
    offset = position
    beginData()
    return .part(part)
  }

  /// `form-data; name="…"; filename="…"` (RFC 7578 section 4.2, RFC 6266 section 4.1).
  private static func disposition(_ value: ByteView) -> MultipartPart? {
    var parameters = HeaderParameters(value)
    guard parameters.value.equalsIgnoringCase("form-data") else { return nil }
    var name: ByteView?
    var hasFileName = false
    while true {
      switch parameters.next() {
      case .malformed: return nil
      case .end: return name.map { MultipartPart(name: $0, hasFileName: hasFileName) }
      case .parameter(let key, let value):
        if key.equalsIgnoringCase("name") {
          guard name == nil, value.firstIndex(of: UInt8(ascii: "\\")) == nil else { return nil }
          name = value
        } else if key.equalsIgnoringCase("name*") {
          return nil
        } else if key.equalsIgnoringCase("filename") || key.equalsIgnoringCase("filename*") {
          hasFileName = true
        }
      }
    }
  }
}
