// SPDX-License-Identifier: MIT

/// Checks the frame of an image and hands out its sections as typed runs.
///
/// SAFETY: `image` is aligned to 16 bytes and lives as long as the program that holds the sections.
/// A section is typed only after its offset, length and record size were checked; every record type
/// is plain integers, so any bit pattern is a valid record.
struct ImageReader {
  private let image: Cells<UInt8>
  private var offsets: [Int]
  private var lengths: [Int]

  init(_ image: Cells<UInt8>) throws(ImageError) {
    self.image = image
    let raw = unsafe UnsafeRawPointer(image.base)
    guard image.count >= ImageFormat.headerSize else { throw .notAnImage }
    guard unsafe raw.load(as: UInt64.self) == ImageFormat.magic else { throw .notAnImage }
    let version = unsafe raw.load(fromByteOffset: 8, as: UInt32.self)
    guard version == ImageFormat.version else { throw .version(version) }
    let length = unsafe raw.load(fromByteOffset: 16, as: UInt64.self)
    guard length == UInt64(image.count) else { throw .truncated }
    guard image.count <= ImageFormat.sizeMax else { throw .damaged("it is too large") }
    let sum = unsafe raw.load(fromByteOffset: 24, as: UInt64.self)
    let header = ImageFormat.headerSize
    guard ImageFormat.checksum(image.slice(header, image.count - header)) == sum else {
      throw .checksum
    }
    let all = ImageFormat.Section.allCases
    guard unsafe raw.load(fromByteOffset: 12, as: UInt32.self) == UInt32(all.count),
      image.count >= header + all.count * ImageFormat.sectionEntrySize
    else { throw .damaged("section table") }
    offsets = []
    lengths = []
    for (index, section) in all.enumerated() {
      let entry = header + index * ImageFormat.sectionEntrySize
      let words = (0..<4).map { unsafe raw.load(fromByteOffset: entry + $0 * 4, as: UInt32.self) }
      let (offset, bytes) = (Int(words[2]), Int(words[3]))
      guard words[0] == section.rawValue, words[1] == UInt32(section.stride), offset % 8 == 0,
        offset >= header, offset + bytes <= image.count, bytes % section.stride == 0
      else { throw .damaged("section \(section)") }
      offsets.append(offset)
      lengths.append(bytes)
    }
  }

  func cells<Record: BitwiseCopyable>(
    _ section: ImageFormat.Section, as type: Record.Type = Record.self
  ) -> Cells<Record> {
    precondition(MemoryLayout<Record>.stride == section.stride)
    let index = Int(section.rawValue) - 1
    let count = lengths[index] / section.stride
    guard count > 0 else { return .empty }
    let raw = unsafe UnsafeMutableRawPointer(image.base) + offsets[index]
    return unsafe Cells(base: raw.assumingMemoryBound(to: Record.self), count: count)
  }
}
