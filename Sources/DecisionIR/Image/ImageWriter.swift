// SPDX-License-Identifier: MIT

/// Lays sections out behind each other and seals them with the checksum.
struct ImageWriter {
  private var sections: [(section: ImageFormat.Section, bytes: [UInt8])] = []

  mutating func add<Record: BitwiseCopyable>(
    _ section: ImageFormat.Section, _ records: [Record]
  ) {
    precondition(MemoryLayout<Record>.stride == section.stride)
    let bytes = unsafe records.withUnsafeBytes { unsafe Array($0) }
    sections.append((section, bytes))
  }

  func finish() -> [UInt8] {
    var table: [UInt8] = []
    var body: [UInt8] = []
    let bodyStart = ImageFormat.headerSize + sections.count * ImageFormat.sectionEntrySize
    for (section, bytes) in sections {
      append(section.rawValue, to: &table)
      append(UInt32(section.stride), to: &table)
      append(UInt32(bodyStart + body.count), to: &table)
      append(UInt32(bytes.count), to: &table)
      body += bytes
      while body.count % 8 != 0 { body.append(0) }
    }
    let rest = table + body
    let sum = unsafe rest.withUnsafeBufferPointer { buffer in
      unsafe ImageFormat.checksum(
        Cells(
          base: UnsafeMutablePointer(mutating: buffer.baseAddress.unsafelyUnwrapped),
          count: buffer.count))
    }
    var image: [UInt8] = []
    append(ImageFormat.magic, to: &image)
    append(ImageFormat.version, to: &image)
    append(UInt32(sections.count), to: &image)
    append(UInt64(ImageFormat.headerSize + rest.count), to: &image)
    append(sum, to: &image)
    return image + rest
  }

  private func append<Number: FixedWidthInteger>(_ number: Number, to bytes: inout [UInt8]) {
    var rest = number.littleEndian
    for _ in 0..<Number.bitWidth / 8 {
      bytes.append(UInt8(truncatingIfNeeded: rest))
      rest >>= 8
    }
  }
}
