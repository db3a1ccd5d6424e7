// SPDX-License-Identifier: MIT

/// The bounds of an HTTP/2 connection.
public struct HTTP2Limits: Sendable {
  /// Streams the peer may have open at a time (SETTINGS_MAX_CONCURRENT_STREAMS); what is over it
  /// is refused.
  public var concurrentStreamsMaximum: UInt32
  /// Names and values of a field section, 32 bytes more for each field (RFC 9113 section 6.5.2);
  /// over it a request is answered with 431.
  public var fieldSectionBytesMaximum: Int
  /// A peer may send so many bytes of a stream's body before it has to wait for the gateway: what
  /// a stream that is not read holds at most.
  public var streamWindowBytes: Int32
  /// The same for all streams of a connection together.
  public var connectionWindowBytes: Int32
  /// A connection without streams is closed after this time.
  public var idleMilliseconds: UInt64
  /// The peer's first SETTINGS must have come by then.
  public var settingsMilliseconds: UInt64
  /// Answers whose request is over, and bytes for the socket, wait for the peer no longer.
  public var writeMilliseconds: UInt64

  public init(
    concurrentStreamsMaximum: UInt32 = 256, fieldSectionBytesMaximum: Int = 64 << 10,
    streamWindowBytes: Int32 = 256 << 10, connectionWindowBytes: Int32 = 1 << 20,
    idleMilliseconds: UInt64 = 75_000, settingsMilliseconds: UInt64 = 10_000,
    writeMilliseconds: UInt64 = 30_000
  ) {
    self.concurrentStreamsMaximum = concurrentStreamsMaximum
    self.fieldSectionBytesMaximum = fieldSectionBytesMaximum
    self.streamWindowBytes = streamWindowBytes
    self.connectionWindowBytes = connectionWindowBytes
    self.idleMilliseconds = idleMilliseconds
    self.settingsMilliseconds = settingsMilliseconds
    self.writeMilliseconds = writeMilliseconds
  }

  /// CONTINUATION frames of one field section; more end the connection.
  static let continuationFramesMaximum = 8
  /// SETTINGS and PING that wait for their acknowledgement to be sent; more end the connection.
  static let queuedAcknowledgementsMaximum = 128
  /// Entries of one SETTINGS frame.
  static let settingsEntriesMaximum = 32
  /// A field section so many times over its limit is an attack, not a mistake.
  static let fieldSectionExcessFactor = 4
  /// Bytes with the socket above which no more frames are made.
  static let socketQueueBytesMaximum = 128 << 10
  /// How often a connection looks after its timeouts.
  static let sweepMilliseconds: UInt64 = 1_000
  /// How long the peer may take to close after the last frame.
  static let closingMilliseconds: UInt64 = 1_000
}
