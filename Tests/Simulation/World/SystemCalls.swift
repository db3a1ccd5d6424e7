// SPDX-License-Identifier: MIT

internal import Clocks

#if canImport(Glibc)
  internal import Glibc
#endif

// The other ways by which chance and time come into the program.

/// Where `SystemRandomNumberGenerator` has its numbers from.
@_cdecl("swift_stdlib_random")
func simulatedRandom(_ buffer: UnsafeMutableRawPointer?, _ count: Int) {
  guard let buffer, let world = World.current else { return }
  for index in 0..<count {
    let byte = UInt8(truncatingIfNeeded: world.entropy.next())
    buffer.storeBytes(of: byte, toByteOffset: index, as: UInt8.self)
  }
}

/// Both clocks that the gateway reads are the world's.
@_cdecl("clock_gettime")
func simulatedClock(_ clock: clockid_t, _ time: UnsafeMutablePointer<timespec>?) -> Int32 {
  guard let world = World.current else {
    let nanoseconds = machineNanoseconds()
    time!.pointee.tv_sec = Int(nanoseconds / 1_000_000_000)
    time!.pointee.tv_nsec = Int(nanoseconds % 1_000_000_000)
    return 0
  }
  let offset = clock == CLOCK_REALTIME ? world.wallOffset : 0
  let nanoseconds = Int64(world.now) + offset
  time!.pointee.tv_sec = Int(nanoseconds / 1_000_000_000)
  time!.pointee.tv_nsec = Int(nanoseconds % 1_000_000_000)
  return 0
}

/// Nanoseconds of the machine's own clock, for the length of a whole run.
public func machineNanoseconds() -> UInt64 {
  var time = timeval()
  gettimeofday(&time, nil)
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_usec) * 1_000
}

/// The loop waits for threads with this; here none is to be waited for.
@_cdecl("usleep")
func simulatedSleep(_ microseconds: UInt32) -> Int32 { 0 }
