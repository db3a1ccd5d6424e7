// SPDX-License-Identifier: MIT

public import Bytes

/// What a request asks of its model besides the messages. Routing has no use for it: it is read
/// for telemetry only, in a pass of its own. POD; ranges are relative to the body.
@frozen
public struct ModelParameters: Sendable {
  public var temperature: JSONSpan = .absent
  public var topP: JSONSpan = .absent
  public var topK: JSONSpan = .absent
  public var frequencyPenalty: JSONSpan = .absent
  public var presencePenalty: JSONSpan = .absent
  public var seed: JSONSpan = .absent
  /// One string, or an array of strings.
  public var stop: JSONSpan = .absent
  public var encodingFormat: JSONSpan = .absent
  public var dimensions: JSONSpan = .absent

  /// The members of `body`, as far as it is an object. Names with escapes are not read.
  public init(scanning body: ByteView) {
    guard body.count <= Int(UInt32.max) else { return }
    do throws(JSONError) {
      var start = JSONCursor(body)
      guard try start.token() == 0x7b else { return }
      var walk = try JSONMembers(entering: start)
      while let name = try walk.next() {
        let span = try walk.cursor.value(at: walk.cursor.index, depth: 1)
        walk.cursor.index = span.range.upperBound
        if span.isPresent { note(name, span) }
      }
    } catch {
      // A body was found valid before; of one that is not, what stands before the fault counts.
    }
  }

  private mutating func note(_ name: ByteView, _ span: JSONSpan) {
    switch name.count {
    case 4 where name.equals("seed"): seed = span
    case 4 where name.equals("stop"): stop = span
    case 5 where name.equals("top_p"): topP = span
    case 5 where name.equals("top_k"): topK = span
    case 10 where name.equals("dimensions"): dimensions = span
    case 11 where name.equals("temperature"): temperature = span
    case 15 where name.equals("encoding_format"): encodingFormat = span
    case 16 where name.equals("presence_penalty"): presencePenalty = span
    case 17 where name.equals("frequency_penalty"): frequencyPenalty = span
    default: break
    }
  }
}

extension JSONSpan {
  /// Calls `body` with the span, if it is a string, or with each string of the array that it is.
  public func forEachString(in text: ByteView, _ body: (JSONSpan) -> Void) {
    if kind == .string { return body(self) }
    guard kind == .array else { return }
    do throws(JSONError) {
      var cursor = JSONCursor(text[0..<Int(range.upperBound)], at: Int(range.lowerBound) + 1)
      while try cursor.token() != 0x5d {
        if try cursor.byte() == 0x2c {
          cursor.index += 1
          continue
        }
        let element = try cursor.value(at: cursor.index, depth: 1)
        cursor.index = element.range.upperBound
        if element.kind == .string { body(element) }
      }
    } catch {
      // The span was validated when it was made; a fault here ends the walk.
    }
  }
}
