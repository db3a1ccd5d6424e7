// SPDX-License-Identifier: MIT

public import Bytes

/// What keeps requests together, as their bodies have it. Read again where it is wanted: the one
/// pass over a body notes no more than where to look.
extension ChatRequestFacts {
  /// Notes where the value of a member begins, if only affinity asks about it. Names with escapes
  /// are not recognized: nobody's rights depend on these.
  @inline(__always)
  mutating func note(_ name: ByteView, at index: Int) {
    switch name.count {
    case 6 where name.equals("system"): systemStart = UInt32(truncatingIfNeeded: index)
    case 12 where name.equals("instructions"): systemStart = UInt32(truncatingIfNeeded: index)
    case 16 where name.equals("prompt_cache_key"):
      promptCacheKeyStart = UInt32(truncatingIfNeeded: index)
    default: break
    }
  }

  /// The text by which the client names its session, between its quotes and with its escapes:
  /// `prompt_cache_key`, else `user`, else Anthropic's `metadata.user_id`; nil for none.
  public func session(in body: ByteView) -> ByteView? {
    let key = Self.span(at: promptCacheKeyStart, in: body)
    for span in [key, user] where span.kind == .string && span.contents.count > 0 {
      return body[span.contents]
    }
    return metadataUser(in: body)
  }

  /// The system's instructions, as they are written; empty for none.
  public func system(in body: ByteView) -> ByteView {
    let span = Self.span(at: systemStart, in: body)
    return span.isPresent ? body[span.range] : .empty
  }

  private func metadataUser(in body: ByteView) -> ByteView? {
    guard metadata.kind == .object else { return nil }
    let text = body[metadata.range]
    do throws(JSONError) {
      var members = try JSONMembers(entering: JSONCursor(text))
      while let name = try members.next() {
        let span = try members.cursor.value(at: members.cursor.index, depth: 2)
        members.cursor.index = span.range.upperBound
        guard name.equals("user_id"), span.kind == .string, span.contents.count > 0 else {
          continue
        }
        return text[span.contents]
      }
    } catch {
      // The body was found to be JSON before.
    }
    return nil
  }

  private static func span(at start: UInt32, in body: ByteView) -> JSONSpan {
    guard start > 0, Int(start) < body.count else { return .absent }
    do throws(JSONError) {
      return try JSONCursor(body).value(at: Int(start), depth: 1)
    } catch {
      return .absent
    }
  }
}
