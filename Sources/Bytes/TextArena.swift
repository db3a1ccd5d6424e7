// SPDX-License-Identifier: MIT

/// Owns the bytes of the names that an immutable snapshot hands out as `ByteView`s.
///
/// SAFETY: a view given out by `intern` stays readable until the arena is released, so whoever
/// holds a view keeps the snapshot that owns the arena. Interning happens while the snapshot is
/// being built, on one thread; after that the arena is never written again, hence `Sendable`.
@safe
public final class TextArena: @unchecked Sendable {
  private var views: [String: ByteView] = [:]

  public init() {}

  deinit {
    for view in views.values { unsafe view.base.deallocate() }
  }

  /// The UTF-8 of `text`, stored once however often it is asked for.
  public func intern(_ text: String) -> ByteView {
    if let view = views[text] { return view }
    let bytes = Array(text.utf8)
    let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: max(bytes.count, 1))
    for (index, byte) in bytes.enumerated() { unsafe (memory + index).initialize(to: byte) }
    let view = unsafe ByteView(base: memory, count: bytes.count)
    views[text] = view
    return view
  }
}
