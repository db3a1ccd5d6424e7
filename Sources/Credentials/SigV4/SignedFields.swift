// SPDX-License-Identifier: MIT

internal import Bytes

/// The fields of a head that are signed, in the order of their names.
struct SignedFields {
  /// Fields signed at most; a head with more of them is refused.
  static let countMaximum = 64

  private var fields = InlineArray<64, Field>(repeating: Field())
  private var count = 0

  /// Offsets into the lines.
  private struct Field: BitwiseCopyable {
    var nameStart: UInt32 = 0
    var nameEnd: UInt32 = 0
    var valueStart: UInt32 = 0
    var valueEnd: UInt32 = 0

    func name(_ lines: ByteView) -> ByteView { lines[Int(nameStart)..<Int(nameEnd)] }
    func value(_ lines: ByteView) -> ByteView { lines[Int(valueStart)..<Int(valueEnd)] }
  }

  /// Finds the fields in `lines`, each of which ends in CRLF.
  ///
  /// - Returns: false for a line that is no field, or too many.
  mutating func collect(from lines: ByteView, _ choice: SigV4Signer.FieldChoice) -> Bool {
    var position = 0
    while position < lines.count {
      guard let length = lines.dropFirst(position).firstIndex(of: "\r\n"), length > 0 else {
        return false
      }
      let line = lines[position..<position + length]
      guard let colon = line.firstIndex(of: 0x3a), colon > 0 else { return false }
      if choice == .all || Self.isNeeded(line[0..<colon]) {
        guard count < Self.countMaximum else { return false }
        insert(
          Field(
            nameStart: UInt32(position), nameEnd: UInt32(position + colon),
            valueStart: UInt32(position + colon + 1), valueEnd: UInt32(position + length)),
          lines)
      }
      position += length + 2
    }
    return true
  }

  private static func isNeeded(_ name: ByteView) -> Bool {
    name.equalsIgnoringCase("host") || name.equalsIgnoringCase("content-type")
      || name.prefix(6).equalsIgnoringCase("x-amz-")
  }

  /// Behind those of the same name: their order among themselves stays.
  private mutating func insert(_ field: Field, _ lines: ByteView) {
    var place = count
    while place > 0,
      Self.compare(field.name(lines), fields[place - 1].name(lines)) < 0
    {
      fields[place] = fields[place - 1]
      place -= 1
    }
    fields[place] = field
    count += 1
  }

  /// Each name once with its value, or its values with commas between: `name:value` and a line
  /// feed. Runs of spaces are one space.
  func appendCanonical(_ lines: ByteView, to writer: inout ByteWriter) {
    for index in 0..<count {
      let field = fields[index]
      if index > 0, isSameName(index, index - 1, lines) {
        writer.append(0x2c)
      } else {
        if index > 0 { writer.append(0x0a) }
        Self.appendLowered(field.name(lines), to: &writer)
        writer.append(0x3a)
      }
      Self.appendTrimmed(field.value(lines), to: &writer)
    }
    writer.append(0x0a)
  }

  /// The names, once each, with semicolons between.
  func appendNames(_ lines: ByteView, to writer: inout ByteWriter) {
    for index in 0..<count {
      if index > 0, isSameName(index, index - 1, lines) { continue }
      if index > 0 { writer.append(0x3b) }
      Self.appendLowered(fields[index].name(lines), to: &writer)
    }
  }

  private func isSameName(_ index: Int, _ other: Int, _ lines: ByteView) -> Bool {
    Self.compare(fields[index].name(lines), fields[other].name(lines)) == 0
  }

  private static func appendTrimmed(_ value: ByteView, to writer: inout ByteWriter) {
    var rest = value
    var hasText = false
    while !rest.isEmpty {
      let end = rest.firstIndex(ofEither: 0x20, 0x09) ?? rest.count
      if end > 0 {
        if hasText { writer.append(0x20) }
        writer.append(rest.prefix(end))
        hasText = true
      }
      rest = rest.dropFirst(end + 1)
    }
  }

  private static func appendLowered(_ name: ByteView, to writer: inout ByteWriter) {
    for index in 0..<name.count { writer.append(lowered(name[index])) }
  }

  private static func compare(_ left: ByteView, _ right: ByteView) -> Int {
    for index in 0..<min(left.count, right.count) {
      let (one, other) = (lowered(left[index]), lowered(right[index]))
      if one != other { return Int(one) - Int(other) }
    }
    return left.count - right.count
  }

  private static func lowered(_ byte: UInt8) -> UInt8 {
    byte &- 0x41 < 26 ? byte | 0x20 : byte
  }
}
