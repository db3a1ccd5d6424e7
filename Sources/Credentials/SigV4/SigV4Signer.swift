// SPDX-License-Identifier: MIT

public import Bytes
public import Clocks

/// AWS Signature Version 4 over a request's head, as botocore's `SigV4Auth` makes it.
///
/// The path is in the head percent-encoded once, as it is sent; its canonical form is encoded once
/// more (only S3 is different, which this is not for). One signer belongs to one worker and one
/// region: it keeps scratch memory and the key derived for the day.
///
/// SAFETY: the scratch memory belongs to this object, which frees it; writers over it do not leave
/// the call that made them.
@safe
public final class SigV4Signer {
  /// Which fields of a head are signed.
  public enum FieldChoice: Sendable {
    /// Host, Content-Type and all that begin with `x-amz-`: what AWS asks for. Others may be
    /// changed by proxies on the way.
    case needed
    case all
  }

  public let region: String
  public let service: String
  private let choice: FieldChoice
  private let hasher: SHA256Hasher
  private let scratch: UnsafeMutablePointer<UInt8>
  private var dayKey: DayKey?

  /// The canonical request has to fit: path, query and signed fields.
  public static let scratchCapacity = 64 << 10

  private struct DayKey {
    var date: ScopeDate
    var keys: AWSKeys
    var key: SHA256Digest
  }

  /// Nil when OpenSSL has no SHA-256 to offer.
  public init?(region: String, service: String = "bedrock", signing choice: FieldChoice = .needed) {
    guard let hasher = SHA256Hasher() else { return nil }
    self.region = region
    self.service = service
    self.choice = choice
    self.hasher = hasher
    unsafe scratch = .allocate(capacity: Self.scratchCapacity)
  }

  deinit { unsafe scratch.deallocate() }

  /// Forgets the pieces of a body that were added.
  public func beginBody() { hasher.begin() }

  /// Adds a piece of the request's body, exactly as it will be sent.
  public func addBody(_ piece: ByteView) { hasher.add(piece) }

  /// Appends `x-amz-date`, `x-amz-security-token` where the keys have one, and `authorization`.
  ///
  /// - Parameters:
  ///   - head: request line and fields, each line with its CRLF, without the empty line.
  ///   - time: what AWS's clock shows, as far as is known.
  /// - Returns: false when the head is none, or too large to sign; `head` is as it was then.
  public func sign(_ head: inout ByteWriter, keys: AWSKeys, at time: Timestamp) -> Bool {
    let start = head.count
    guard let bodyDigest = hasher.finish() else { return false }
    let date = ScopeDate(time)
    head.append("x-amz-date: ")
    date.appendTime(to: &head)
    head.append("\r\n")
    if !keys.sessionToken.isEmpty {
      head.append("x-amz-security-token: ")
      head.append(keys.sessionToken)
      head.append("\r\n")
    }
    guard !head.overflowed, appendAuthorization(&head, keys, date, bodyDigest) else {
      head.truncate(to: start)
      return false
    }
    return true
  }

  private func appendAuthorization(
    _ head: inout ByteWriter, _ keys: AWSKeys, _ date: ScopeDate, _ bodyDigest: SHA256Digest
  ) -> Bool {
    var fields = SignedFields()
    guard let request = SigV4RequestLine(head.written),
      fields.collect(from: head.written.dropFirst(request.lineLength), choice)
    else { return false }
    var canonical = unsafe ByteWriter(base: scratch, capacity: Self.scratchCapacity)
    let lines = head.written.dropFirst(request.lineLength)
    request.appendCanonical(to: &canonical)
    fields.appendCanonical(lines, to: &canonical)
    canonical.append(0x0a)
    fields.appendNames(lines, to: &canonical)
    canonical.append(0x0a)
    canonical.append(hexadecimal: bodyDigest)
    guard !canonical.overflowed else { return false }
    hasher.add(canonical.written)
    guard let requestDigest = hasher.finish(), let key = key(keys, date) else { return false }
    canonical.truncate(to: 0)
    canonical.append("AWS4-HMAC-SHA256\n")
    date.appendTime(to: &canonical)
    canonical.append(0x0a)
    appendScope(date, to: &canonical)
    canonical.append(0x0a)
    canonical.append(hexadecimal: requestDigest)
    guard let signature = HMACSHA256.code(of: canonical.written, key: key) else { return false }
    // The names lie in the head itself, which grows behind them.
    head.append("authorization: AWS4-HMAC-SHA256 Credential=")
    head.append(keys.accessKeyID)
    head.append(0x2f)
    appendScope(date, to: &head)
    head.append(", SignedHeaders=")
    fields.appendNames(lines, to: &head)
    head.append(", Signature=")
    head.append(hexadecimal: signature)
    head.append("\r\n")
    return !head.overflowed
  }

  /// `20150830/us-east-1/service/aws4_request`
  private func appendScope(_ date: ScopeDate, to writer: inout ByteWriter) {
    date.appendDay(to: &writer)
    writer.append(0x2f)
    region.withByteView { writer.append($0) }
    writer.append(0x2f)
    service.withByteView { writer.append($0) }
    writer.append("/aws4_request")
  }

  /// The signing key of the day, derived when the day or the keys have changed.
  private func key(_ keys: AWSKeys, _ date: ScopeDate) -> SHA256Digest? {
    if let dayKey, dayKey.keys === keys, dayKey.date.isSameDay(as: date) { return dayKey.key }
    let ofDay = date.withDay { HMACSHA256.code(of: $0, key: keys.seed) }
    guard let ofDay,
      let ofRegion = region.withByteView({ HMACSHA256.code(of: $0, key: ofDay) }),
      let ofService = service.withByteView({ HMACSHA256.code(of: $0, key: ofRegion) }),
      let key = "aws4_request".withByteView({ HMACSHA256.code(of: $0, key: ofService) })
    else { return nil }
    dayKey = DayKey(date: date, keys: keys, key: key)
    return key
  }
}
