// SPDX-License-Identifier: MIT

/// Reads one HTTP/1.1 message after another. Plain and strict, and none of the gateway's code: what
/// it cannot read is wrong on the wire.
struct MessageReader {
  enum State: Equatable {
    case head
    case length(Int)
    case chunkSize
    case chunk(Int)
    case chunkEnd
    case trailer
    case untilEnd
    case complete
    case broken(String)
  }

  let isResponse: Bool
  private(set) var state = State.head
  private(set) var startLine = ""
  private(set) var fields: [(name: String, value: String)] = []
  private(set) var body: [UInt8] = []
  /// Bytes of this message so far, framing included.
  private(set) var byteCount = 0
  private var line: [UInt8] = []
  private var lines: [String] = []

  init(isResponse: Bool) { self.isResponse = isResponse }

  var isComplete: Bool { state == .complete }
  var hasHead: Bool { state != .head }
  /// The status of a response with a complete head.
  var status: Int { Int(startLine.split(separator: " ").dropFirst().first ?? "") ?? 0 }

  func field(_ name: String) -> String? { fields.first { $0.name == name }?.value }

  /// Takes bytes up to the message's end.
  mutating func read(_ bytes: inout ArraySlice<UInt8>) {
    while !bytes.isEmpty {
      switch state {
      case .complete, .broken: return
      case .head, .chunkSize, .chunkEnd, .trailer: readLine(&bytes)
      case .length(let left):
        let piece = take(left, &bytes)
        state = piece == left ? .complete : .length(left - piece)
      case .chunk(let left):
        let piece = take(left, &bytes)
        state = piece == left ? .chunkEnd : .chunk(left - piece)
      case .untilEnd: _ = take(bytes.count, &bytes)
      }
    }
  }

  /// The connection has ended in order.
  mutating func end() {
    if state == .untilEnd { state = .complete }
  }

  private mutating func take(_ count: Int, _ bytes: inout ArraySlice<UInt8>) -> Int {
    let piece = bytes.prefix(count)
    body += piece
    byteCount += piece.count
    bytes = bytes.dropFirst(piece.count)
    return piece.count
  }

  private mutating func readLine(_ bytes: inout ArraySlice<UInt8>) {
    let end = bytes.firstIndex(of: 0x0A)
    let piece = bytes[bytes.startIndex..<(end.map { $0 + 1 } ?? bytes.endIndex)]
    line += piece
    byteCount += piece.count
    bytes = bytes.dropFirst(piece.count)
    guard end != nil else { return }
    guard line.count >= 2, line[line.count - 2] == 0x0D else {
      state = .broken("a line that does not end with CR LF")
      return
    }
    let text = String(decoding: line.dropLast(2), as: UTF8.self)
    line = []
    lineArrived(text)
  }

  private mutating func lineArrived(_ text: String) {
    switch state {
    case .head:
      if !text.isEmpty { return lines.append(text) }
      headArrived()
    case .chunkSize:
      guard let size = Int(text.prefix { $0 != ";" }, radix: 16) else {
        state = .broken("no chunk size: \(text)")
        return
      }
      state = size == 0 ? .trailer : .chunk(size)
    case .chunkEnd: state = text.isEmpty ? .chunkSize : .broken("bytes behind a chunk")
    case .trailer: if text.isEmpty { state = .complete }
    default: break
    }
  }

  private mutating func headArrived() {
    startLine = lines.first ?? ""
    fields = []
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else {
        state = .broken("no field: \(line)")
        return
      }
      let value = line[line.index(after: colon)...].drop { $0 == " " }
      fields.append((line[..<colon].lowercased(), String(value)))
    }
    lines = []
    if isResponse, (100..<200).contains(status) { return }
    state = framing
  }

  private var framing: State {
    let length = field("content-length")
    if field("transfer-encoding") == "chunked" {
      return length == nil ? .chunkSize : .broken("both lengths")
    }
    guard let length else { return isResponse ? .untilEnd : .complete }
    guard let count = Int(length) else { return .broken("length \(length)") }
    return count == 0 ? .complete : .length(count)
  }
}
