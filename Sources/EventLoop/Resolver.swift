// SPDX-License-Identifier: MIT

internal import CUV

#if canImport(Glibc)
  internal import Glibc
#endif

/// Host names to addresses, on libuv's thread pool through the system's resolver.
public enum Resolver {
  /// Most addresses taken from one answer.
  public static let addressCountMax = 8

  /// Calls `completion` on the loop with the addresses in the order the system prefers them, or
  /// with an error. A numeric host answers without a look-up, still not before this returns.
  public static func resolve(
    _ host: String, port: UInt16, on loop: Loop,
    completion: @escaping (Result<[SocketAddress], LoopError>) -> Void
  ) {
    let box = ResolveBox(port: port, completion: completion)
    box.start(host: host, on: loop)
  }
}

private final class ResolveBox {
  private let request: UnsafeMutablePointer<uv_getaddrinfo_t>
  private let port: UInt16
  private let completion: (Result<[SocketAddress], LoopError>) -> Void

  init(port: UInt16, completion: @escaping (Result<[SocketAddress], LoopError>) -> Void) {
    request = .allocate(capacity: 1)
    self.port = port
    self.completion = completion
  }

  deinit { request.deallocate() }

  func start(host: String, on loop: Loop) {
    request.pointee.data = Unmanaged.passRetained(self).toOpaque()
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_ADDRCONFIG
    let status = uv_getaddrinfo(
      loop.uv, request,
      { request, status, list in
        let box = Unmanaged<ResolveBox>.fromOpaque(request!.pointee.data).takeRetainedValue()
        box.finished(status: status, list: list)
        uv_freeaddrinfo(list)
      }, host, nil, &hints)
    if status < 0 {
      Unmanaged<ResolveBox>.fromOpaque(request.pointee.data).release()
      completion(.failure(LoopError(code: status)))
    }
  }

  private func finished(status: Int32, list: UnsafeMutablePointer<addrinfo>?) {
    if status < 0 {
      completion(.failure(LoopError(code: status)))
      return
    }
    var addresses: [SocketAddress] = []
    var next = list
    while let entry = next, addresses.count < Resolver.addressCountMax {
      if let pointer = entry.pointee.ai_addr {
        var address = SocketAddress(copying: pointer, length: entry.pointee.ai_addrlen)
        address.port = port
        addresses.append(address)
      }
      next = entry.pointee.ai_next
    }
    completion(
      addresses.isEmpty
        ? .failure(LoopError(code: Int32(UV_EAI_NODATA.rawValue))) : .success(addresses))
  }
}
