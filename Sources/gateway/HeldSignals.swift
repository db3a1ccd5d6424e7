// SPDX-License-Identifier: MIT

import Glibc

/// Signals that wait until somebody watches them: SIGHUP during the start would end the process,
/// SIGTERM would cut what is being served already. None is lost; threads that are started meanwhile
/// leave them to the main thread for good.
struct HeldSignals {
  private var signals = sigset_t()

  init() { unsafe sigemptyset(&signals) }

  /// SIGHUP and SIGUSR1.
  mutating func holdReloads() { hold([SIGHUP, SIGUSR1]) }

  /// SIGTERM and SIGINT.
  mutating func holdEnds() { hold([SIGTERM, SIGINT]) }

  private mutating func hold(_ numbers: [Int32]) {
    for number in numbers { unsafe sigaddset(&signals, number) }
    unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
  }

  /// Those that came meanwhile come now.
  mutating func release() {
    unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    unsafe sigemptyset(&signals)
  }
}
