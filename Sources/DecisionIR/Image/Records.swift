// SPDX-License-Identifier: MIT

// The fixed-size records of the image, each a multiple of 8 bytes without padding. All numbers are
// little-endian; an index of `ImageFormat.absent` means "none".

struct StringRecord: BitwiseCopyable, Sendable {
  var offset: UInt32
  var count: UInt32
}

struct EntityRecord: BitwiseCopyable, Sendable {
  var type: UInt32
  var id: UInt32
}

/// A constant. string: `detail` = string. entity: `detail` = entity. set, record: `detail` = number
/// of elements or pairs, `bits` = start in the lists. ip: `detail` = prefix, plus 256 for IPv6,
/// whose `bits` is the start of four list words (most significant first). Else `bits` is the
/// number.
struct ConstantRecord: BitwiseCopyable, Sendable {
  var kind: UInt32
  var detail: UInt32
  var bits: UInt64
}

/// A run in another section: conjuncts in the code, patterns and record shapes in the lists.
struct RunRecord: BitwiseCopyable, Sendable {
  var start: UInt32
  var count: UInt32
}

struct PolicyRecord: BitwiseCopyable, Sendable {
  /// 0 permit, 1 forbid.
  var effect: UInt32
  var conjunctStart: UInt32
  var conjunctCount: UInt32
  var action: UInt32
  var principalKey: UInt32
  var resourceKey: UInt32
  /// Types asked for beside the keys (`is T in E`), or absent.
  var principalType: UInt32
  var resourceType: UInt32
}

/// kind 0: any action; 1: equal to the one listed; 2: in one of those listed.
struct ActionRecord: BitwiseCopyable, Sendable {
  var kind: UInt32
  var start: UInt32
  var count: UInt32
  var reserved: UInt32
}

/// kind 0: any; 1: is type `id`; 2: equals entity `id`; 3: in entity `id`.
struct ScopeKeyRecord: BitwiseCopyable, Sendable, Hashable {
  var kind: UInt32
  var id: UInt32
}

/// The policies of one pair of keys, apart from those that `leads` find: forbids first, each part
/// in ascending order.
struct BucketRecord: BitwiseCopyable, Sendable {
  var principalKey: UInt32
  var resourceKey: UInt32
  var start: UInt32
  var forbidCount: UInt32
  var count: UInt32
  /// The first of the bucket's leads, or absent.
  var firstLead: UInt32
}

/// Policies of a bucket that begin by comparing the same attribute (an operand's word) with a
/// constant.
struct LeadRecord: BitwiseCopyable, Sendable {
  var bucket: UInt32
  var attribute: UInt32
  var caseStart: UInt32
  var caseCount: UInt32
}

/// Those that compare with one constant: a run of the postings, forbids first, each part in
/// ascending order.
struct LeadCaseRecord: BitwiseCopyable, Sendable {
  var constant: UInt32
  var start: UInt32
  var forbidCount: UInt32
  var count: UInt32
}

struct MetadataRecord: BitwiseCopyable, Sendable {
  var id: UInt32
  var file: UInt32
  var line: UInt32
  var annotationCount: UInt32
  var annotationStart: UInt32
  var reserved: UInt32
  var priority: Int64
}

struct AnnotationRecord: BitwiseCopyable, Sendable {
  var key: UInt32
  var value: UInt32
}

/// Source bytes of an instruction.
struct SpanRecord: BitwiseCopyable, Sendable {
  var start: UInt32
  var end: UInt32
}
