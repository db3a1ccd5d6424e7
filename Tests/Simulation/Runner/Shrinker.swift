// SPDX-License-Identifier: MIT

import Glibc

/// Leaves one fault after another out of a plan, as long as the run fails without it. Each trial is
/// a process of its own: a run may end in a trap.
struct Shrinker {
  let seed: UInt64
  let plan: Plan
  /// Faults that are left out already, by their numbers in the seed's own plan.
  let left: Set<Int>

  func shrink() {
    var left = left
    let count = plan.faults.count + left.count
    for index in 0..<count where !left.contains(index) {
      if fails(left.union([index])) { left.insert(index) }
    }
    let kept = (0..<count).filter { !left.contains($0) }
    let numbers = left.sorted().map(String.init).joined(separator: ",")
    print(
      "  it still fails with \(kept.isEmpty ? "no fault" : "only faults \(kept)")"
        + (left.isEmpty ? "" : ": --without \(numbers)"))
  }

  private func fails(_ left: Set<Int>) -> Bool {
    let numbers = left.sorted().map(String.init).joined(separator: ",")
    let status = system(
      "\(path) --seed \(seed) --no-shrink --without \(numbers) --format json >/dev/null 2>&1")
    return status != 0
  }

  private var path: String {
    var buffer = [CChar](repeating: 0, count: 4_096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
    return String(decoding: buffer[..<max(count, 0)].map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
