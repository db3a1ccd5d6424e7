// SPDX-License-Identifier: MIT

internal import CUV

/// An error of libuv, by its negative error number (`UV_ECONNREFUSED` …).
public struct LoopError: Error, Equatable, Sendable, CustomStringConvertible {
  public let code: Int32

  public init(code: Int32) { self.code = code }

  /// The short name, such as `ECONNREFUSED`.
  public var name: String { String(cString: uv_err_name(code)) }

  /// What happened, as text: `connection refused (ECONNREFUSED)`.
  public var description: String { "\(String(cString: uv_strerror(code))) (\(name))" }

  /// Throws when a libuv call returned a negative number.
  @discardableResult
  static func check(_ status: Int32) throws(LoopError) -> Int32 {
    if status < 0 { throw LoopError(code: status) }
    return status
  }

  public static let endOfFile = LoopError(code: Int32(UV_EOF.rawValue))
  public static let connectionReset = LoopError(code: Int32(UV_ECONNRESET.rawValue))
  public static let connectionRefused = LoopError(code: Int32(UV_ECONNREFUSED.rawValue))
  public static let timedOut = LoopError(code: Int32(UV_ETIMEDOUT.rawValue))
  public static let canceled = LoopError(code: Int32(UV_ECANCELED.rawValue))
  public static let noBufferSpace = LoopError(code: Int32(UV_ENOBUFS.rawValue))
  public static let invalidArgument = LoopError(code: Int32(UV_EINVAL.rawValue))
}
