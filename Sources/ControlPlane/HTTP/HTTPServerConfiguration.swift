// SPDX-License-Identifier: MIT

public import HTTPWire

/// The limits of a control-plane server.
public struct HTTPServerConfiguration: Sendable {
  public var headLimits: HeadLimits
  /// At most 255.
  public var fieldsMaximum: Int
  public var bodyBytesMaximum: Int
  public var connectionsMaximum: Int
  /// Requests that may wait, unread, behind the one being answered.
  public var pipelinedBytesMaximum: Int
  /// Bytes that may wait for the client before `HTTPBodyWriter.write` waits.
  public var queuedBytesHighWater: Int
  /// A connection without a request is closed after this.
  public var idleTimeoutMilliseconds: UInt64
  /// From a request's first byte to its last: a 408 after this.
  public var requestTimeoutMilliseconds: UInt64
  /// A client that takes nothing of what waits for it is reset after this.
  public var stallTimeoutMilliseconds: UInt64
  /// How long a connection that is being closed waits for the client's end.
  public var lingerTimeoutMilliseconds: UInt64

  public init(
    headLimits: HeadLimits = HeadLimits(), fieldsMaximum: Int = 100,
    bodyBytesMaximum: Int = 16 << 20, connectionsMaximum: Int = 8_192,
    pipelinedBytesMaximum: Int = 256 << 10, queuedBytesHighWater: Int = 256 << 10,
    idleTimeoutMilliseconds: UInt64 = 75_000, requestTimeoutMilliseconds: UInt64 = 30_000,
    stallTimeoutMilliseconds: UInt64 = 60_000, lingerTimeoutMilliseconds: UInt64 = 2_000
  ) {
    self.headLimits = headLimits
    self.fieldsMaximum = fieldsMaximum
    self.bodyBytesMaximum = bodyBytesMaximum
    self.connectionsMaximum = connectionsMaximum
    self.pipelinedBytesMaximum = pipelinedBytesMaximum
    self.queuedBytesHighWater = queuedBytesHighWater
    self.idleTimeoutMilliseconds = idleTimeoutMilliseconds
    self.requestTimeoutMilliseconds = requestTimeoutMilliseconds
    self.stallTimeoutMilliseconds = stallTimeoutMilliseconds
    self.lingerTimeoutMilliseconds = lingerTimeoutMilliseconds
  }
}
