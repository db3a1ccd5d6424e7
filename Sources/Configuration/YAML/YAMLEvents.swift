// SPDX-License-Identifier: MIT

internal import CYAML

/// What libyaml says next of a text.
struct YAMLEvent {
  enum Kind {
    case streamStart, streamEnd, documentStart, documentEnd
    case scalar(String, isPlain: Bool)
    case sequenceStart, sequenceEnd, mappingStart, mappingEnd
    case alias(String)
  }

  let kind: Kind
  let anchor: String?
  let place: Place
  /// Behind its last character.
  let end: Place
}

/// libyaml's parser over one text, pulled event by event.
///
/// SAFETY: the parser and the copy of the text lie on the heap until `deinit`; libyaml points into
/// both. Strings are copied out of an event before it is deleted.
@safe
struct YAMLEvents: ~Copyable {
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let text: UnsafeMutableBufferPointer<UInt8>

  init(_ source: String) throws(YAMLError) {
    unsafe text = .allocate(capacity: max(source.utf8.count, 1))
    _ = unsafe text.initialize(from: source.utf8)
    unsafe parser = .allocate(capacity: 1)
    unsafe parser.initialize(to: yaml_parser_t())
    guard unsafe yaml_parser_initialize(parser) != 0 else {
      throw YAMLError(message: "there is no memory to read YAML", place: nil)
    }
    unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    unsafe yaml_parser_set_input_string(parser, text.baseAddress, source.utf8.count)
  }

  deinit {
    unsafe yaml_parser_delete(parser)
    unsafe parser.deallocate()
    unsafe text.deallocate()
  }

  /// The next event; after the stream's end, its end again.
  mutating func next() throws(YAMLError) -> YAMLEvent {
    var event = unsafe yaml_event_t()
    guard unsafe yaml_parser_parse(parser, &event) != 0 else { throw failure() }
    defer { unsafe yaml_event_delete(&event) }
    return YAMLEvent(
      kind: unsafe Self.kind(event), anchor: unsafe Self.anchor(event),
      place: unsafe Self.place(event.start_mark), end: unsafe Self.place(event.end_mark))
  }

  private static func kind(_ event: yaml_event_t) -> YAMLEvent.Kind {
    switch unsafe event.type {
    case YAML_STREAM_START_EVENT: .streamStart
    case YAML_DOCUMENT_START_EVENT: .documentStart
    case YAML_DOCUMENT_END_EVENT: .documentEnd
    case YAML_SCALAR_EVENT:
      .scalar(
        unsafe text(event.data.scalar.value, event.data.scalar.length),
        isPlain: unsafe event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
    case YAML_SEQUENCE_START_EVENT: .sequenceStart
    case YAML_SEQUENCE_END_EVENT: .sequenceEnd
    case YAML_MAPPING_START_EVENT: .mappingStart
    case YAML_MAPPING_END_EVENT: .mappingEnd
    case YAML_ALIAS_EVENT: .alias(unsafe text(event.data.alias.anchor) ?? "")
    default: .streamEnd
    }
  }

  private static func anchor(_ event: yaml_event_t) -> String? {
    switch unsafe event.type {
    case YAML_SCALAR_EVENT: unsafe text(event.data.scalar.anchor)
    case YAML_SEQUENCE_START_EVENT: unsafe text(event.data.sequence_start.anchor)
    case YAML_MAPPING_START_EVENT: unsafe text(event.data.mapping_start.anchor)
    default: nil
    }
  }

  private static func text(_ bytes: UnsafeMutablePointer<UInt8>?, _ count: Int) -> String {
    guard let bytes = unsafe bytes else { return "" }
    return unsafe String(
      decoding: UnsafeBufferPointer(start: UnsafePointer(bytes), count: count), as: UTF8.self)
  }

  private static func text(_ bytes: UnsafeMutablePointer<UInt8>?) -> String? {
    guard let bytes = unsafe bytes else { return nil }
    return unsafe String(cString: bytes)
  }

  private static func place(_ mark: yaml_mark_t) -> Place {
    Place(line: Int(mark.line) + 1, column: Int(mark.column) + 1)
  }

  private func failure() -> YAMLError {
    let problem = unsafe parser.pointee.problem.map { unsafe String(cString: $0) } ?? "unreadable"
    let context = unsafe parser.pointee.context.map { unsafe " \(String(cString: $0))" } ?? ""
    let hasPlace = unsafe parser.pointee.error != YAML_READER_ERROR
    return YAMLError(
      message: "not YAML: \(problem)\(context)",
      place: hasPlace ? Self.place(unsafe parser.pointee.problem_mark) : nil)
  }
}
