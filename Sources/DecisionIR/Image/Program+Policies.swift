// SPDX-License-Identifier: MIT

/// What a program knows of a policy beside its meaning. Cold: makes strings.
public struct PolicyMetadata: Sendable {
  /// The `@id`, or `policyN` by position.
  public let id: String
  public let isForbid: Bool
  /// `@priority` times 10^4; 0 when there is none.
  public let priority: Int64
  /// Name of the source file, as the compiler was told.
  public let file: String
  /// From 1.
  public let line: Int
  /// All annotations in order, obligations included.
  public let annotations: [(key: String, value: String)]

  /// The value of an annotation, or nil. Obligations are annotations on the deciding permit:
  /// `max_output_tokens`, `cache`, `fallback`, `timeout_ms`, `hedge`, `tag`, `strategy`,
  /// `weight`.
  public func annotation(_ key: String) -> String? {
    annotations.first { $0.key == key }?.value
  }

  /// The value of an annotation that is a whole number, or nil.
  public func integer(_ key: String) -> Int64? {
    annotation(key).flatMap { Int64($0) }
  }
}

extension Program {
  /// The metadata of policy `index`, 0..<policyCount.
  public func metadata(of index: Int) -> PolicyMetadata {
    let record = sections.metadata[index]
    let first = Int(record.annotationStart)
    let annotations = (first..<first + Int(record.annotationCount)).map { place in
      let annotation = sections.annotations[place]
      return (
        key: names.strings.cells[Int(annotation.key)].text,
        value: names.strings.cells[Int(annotation.value)].text
      )
    }
    return PolicyMetadata(
      id: id(of: index), isForbid: sections.policies[index].effect == 1,
      priority: record.priority, file: names.strings.cells[Int(record.file)].text,
      line: Int(record.line), annotations: annotations)
  }

  /// The id of policy `index`.
  public func id(of index: Int) -> String {
    names.strings.cells[Int(sections.metadata[index].id)].text
  }

  /// Whether policy `index` forbids.
  public func isForbid(_ index: Int) -> Bool { sections.policies[index].effect == 1 }

  /// `@priority` of policy `index` times 10^4.
  public func priority(of index: Int) -> Int64 { sections.metadata[index].priority }
}
