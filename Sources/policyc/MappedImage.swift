// SPDX-License-Identifier: MIT

import ArgumentParser
import DecisionIR
import Foundation

/// A file mapped read-only for as long as the object lives.
///
/// The pages are private: what another process writes to the file is not seen in pages already
/// read. An image must still be replaced by renaming a new file over it, never written in place.
final class MappedImage: Sendable {
  private let address: UInt
  let count: Int

  var bytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: address), count: count)
  }

  init?(path: String) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_size > 0 else { return nil }
    count = Int(status.st_size)
    guard let mapped = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0),
      mapped != MAP_FAILED
    else { return nil }
    address = UInt(bitPattern: mapped)
  }

  deinit {
    munmap(UnsafeMutableRawPointer(bitPattern: address), count)
  }

  /// The program of an image file.
  static func program(_ path: String) throws -> Program {
    let image = MappedImage(path: path)
    // What cannot be mapped, such as a pipe, is read.
    let copy = try image == nil ? Files.bytes(path) : []
    do throws(ImageError) {
      guard let image else { return try Program(image: copy) }
      return try Program(borrowing: image.bytes, owner: image)
    } catch {
      throw Console.fail("\(path): \(error)")
    }
  }
}
