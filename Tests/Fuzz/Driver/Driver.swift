// SPDX-License-Identifier: MIT

import FuzzTargets
import Glibc

/// The entry point of libFuzzer, which brings its own `main`. `FUZZ_TARGET` names what is fuzzed.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  do {
    try target.run(Array(UnsafeBufferPointer(start: start, count: count)))
  } catch {
    fatalError("\(target.name): \(error)")
  }
  return 0
}

private let target: FuzzTarget = {
  let names = FuzzTarget.all.map(\.name).joined(separator: " ")
  guard let name = getenv("FUZZ_TARGET").map({ String(cString: $0) }),
    let target = FuzzTarget.named(name)
  else { fatalError("FUZZ_TARGET must be one of: \(names)") }
  return target
}()
