// SPDX-License-Identifier: MIT

internal import CUV

#if canImport(Glibc)
  internal import Glibc
#endif

/// An IPv4 or IPv6 address with its port, held in place.
public struct SocketAddress: @unchecked Sendable, CustomStringConvertible {
  var storage = sockaddr_storage()
  var length: UInt32 = 0

  /// The address a numeric `host` (`127.0.0.1`, `::1`) and `port` name, or nil if it is no address.
  public init?(host: String, port: UInt16) {
    var v4 = sockaddr_in()
    if uv_ip4_addr(host, Int32(port), &v4) == 0 {
      withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: v4, as: sockaddr_in.self) }
      length = UInt32(MemoryLayout<sockaddr_in>.size)
      return
    }
    var v6 = sockaddr_in6()
    guard uv_ip6_addr(host, Int32(port), &v6) == 0 else { return nil }
    withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: v6, as: sockaddr_in6.self) }
    length = UInt32(MemoryLayout<sockaddr_in6>.size)
  }

  /// From a libuv call that fills a `sockaddr` and its length; nil when it fails.
  init?(_ fill: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<Int32>) -> Int32) {
    var size = Int32(MemoryLayout<sockaddr_storage>.size)
    let status = withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { fill($0, &size) }
    }
    guard status == 0 else { return nil }
    length = UInt32(size)
  }

  init(copying address: UnsafePointer<sockaddr>, length: UInt32) {
    withUnsafeMutableBytes(of: &storage) { target in
      target.copyMemory(
        from: UnsafeRawBufferPointer(
          start: address, count: min(Int(length), target.count)))
    }
    self.length = length
  }

  func withPointer<Result>(_ body: (UnsafePointer<sockaddr>) -> Result) -> Result {
    withUnsafePointer(to: storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1, body)
    }
  }

  public var isIPv6: Bool { Int32(storage.ss_family) == AF_INET6 }

  public var port: UInt16 {
    get {
      // The port stands at the same offset in both families, in network order.
      withUnsafeBytes(of: storage) {
        UInt16(bigEndian: $0.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
      }
    }
    set {
      withUnsafeMutableBytes(of: &storage) {
        $0.storeBytes(of: newValue.bigEndian, toByteOffset: 2, as: UInt16.self)
      }
    }
  }

  /// An IPv4 address as a number; also one mapped into IPv6.
  public var version4Word: UInt32? {
    withUnsafeBytes(of: storage) { bytes in
      let offset = isIPv6 ? 20 : 4
      if isIPv6 && !isMapped { return nil }
      return UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }
  }

  /// The two halves of an IPv6 address that is no mapped IPv4 one.
  public var version6Words: (high: UInt64, low: UInt64)? {
    guard isIPv6, !isMapped else { return nil }
    return withUnsafeBytes(of: storage) { bytes in
      (
        UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
        UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
      )
    }
  }

  private var isMapped: Bool {
    withUnsafeBytes(of: storage) { bytes in
      bytes[8..<18].allSatisfy { $0 == 0 } && bytes[18] == 255 && bytes[19] == 255
    }
  }

  /// True for 127.0.0.0/8, ::1 and 127.0.0.0/8 mapped into IPv6.
  public var isLoopback: Bool {
    withUnsafeBytes(of: storage) { bytes in
      guard isIPv6 else { return bytes[4] == 127 }
      let address = bytes[8..<24]
      if isMapped { return bytes[20] == 127 }
      return address.dropLast().allSatisfy { $0 == 0 } && bytes[23] == 1
    }
  }

  /// The numeric address without the port.
  public var host: String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { text in
      let status = withPointer { uv_ip_name($0, text.baseAddress, 64) }
      return status == 0 ? String(cString: text.baseAddress!) : "unknown"
    }
  }

  /// `127.0.0.1:9000` or `[::1]:9000`.
  public var description: String { isIPv6 ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
