// SPDX-License-Identifier: MIT

public import Bytes
public import ModelCatalog

/// One set of AWS keys, ready for signing. Immutable; the views live as long as the object.
public final class AWSKeys: Sendable {
  private let arena: TextArena
  public let accessKeyID: ByteView
  /// Empty for keys of a user, which need none.
  public let sessionToken: ByteView
  /// The secret with `AWS4` before it: the first key of the derivation.
  let seed: ByteView

  /// Nil where a part is missing, or could not stand in a header field.
  public init?(accessKeyID: String, secret: Secret, sessionToken: Secret = Secret("")) {
    guard !accessKeyID.isEmpty, !secret.isEmpty, Secret(accessKeyID).isFieldValue,
      sessionToken.isFieldValue
    else { return nil }
    arena = TextArena()
    self.accessKeyID = arena.intern(accessKeyID)
    self.sessionToken = arena.intern(sessionToken.text)
    seed = arena.intern("AWS4" + secret.text)
  }
}
