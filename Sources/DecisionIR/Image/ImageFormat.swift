// SPDX-License-Identifier: MIT

/// The layout of a program image: a header, a table of sections, the sections.
///
/// Header, 32 bytes: magic, format version, number of sections, total length, checksum over
/// everything behind the header. Then per section 16 bytes: number, record size, offset, length in
/// bytes (offsets from the start of the image, multiples of 8). Nothing in it is an address.
enum ImageFormat {
  static let magic: UInt64 = 0x0052_4952_4144_4543  // "CEDARIR\0"
  static let version: UInt32 = 2
  static let headerSize = 32
  static let sectionEntrySize = 16
  static let absent: UInt32 = 0xFFFF_FFFF
  /// Largest image accepted, in bytes.
  static let sizeMax = 1 << 30
  /// Most registers a conjunct may use.
  static let registersMax = 65_000
  /// Deepest nesting of constant sets and records.
  static let constantDepthMax = 1_100

  enum Section: UInt32, CaseIterable {
    case strings = 1
    case stringBytes
    case types
    case entities
    case attributes
    case contextSlots
    case constants
    case lists
    case patterns
    case shapes
    case code
    case conjuncts
    case policies
    case policyConjuncts
    case actions
    case principalKeys
    case resourceKeys
    case buckets
    case leads
    case cases
    case postings
    case metadata
    case annotations
    case sourceMap

    /// Bytes of one record.
    var stride: Int {
      switch self {
      case .stringBytes: 1
      case .types, .attributes, .contextSlots, .lists, .policyConjuncts, .postings: 4
      case .strings, .entities, .patterns, .shapes, .conjuncts, .principalKeys, .resourceKeys,
        .annotations, .sourceMap:
        8
      case .constants, .code, .actions, .leads, .cases: 16
      case .buckets: 24
      case .policies, .metadata: 32
      }
    }
  }

  /// 64 bits over the bytes, eight at a time in two lanes.
  static func checksum(_ bytes: Cells<UInt8>) -> UInt64 {
    var first: UInt64 = 0x9E37_79B9_7F4A_7C15
    var second: UInt64 = 0xD1B5_4A32_D192_ED03
    let raw = unsafe UnsafeRawPointer(bytes.base)
    var index = 0
    while index &+ 16 <= bytes.count {
      let low = unsafe raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
      let high = unsafe raw.loadUnaligned(fromByteOffset: index &+ 8, as: UInt64.self)
      first = (first ^ low) &* 0xBF58_476D_1CE4_E5B9
      first ^= first >> 31
      second = (second ^ high) &* 0x94D0_49BB_1331_11EB
      second ^= second >> 29
      index &+= 16
    }
    while index < bytes.count {
      first = (first ^ UInt64(bytes[index])) &* 0xBF58_476D_1CE4_E5B9
      first ^= first >> 31
      index &+= 1
    }
    return (first ^ second &* 0x9E37_79B9_7F4A_7C15) ^ UInt64(bytes.count)
  }
}

/// Why an image is refused.
public enum ImageError: Error, Sendable, Equatable, CustomStringConvertible {
  case notAnImage
  /// Written by another version of the format.
  case version(UInt32)
  case truncated
  case checksum
  /// The named section breaks a rule of the format.
  case damaged(String)

  public var description: String {
    switch self {
    case .notAnImage: "this is not a policy image"
    case .version(let number):
      "the image has format version \(number), this program reads \(ImageFormat.version)"
    case .truncated: "the image is shorter than its header says"
    case .checksum: "the checksum of the image is wrong"
    case .damaged(let what): "the image is damaged: \(what)"
    }
  }
}
