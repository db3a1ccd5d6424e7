// SPDX-License-Identifier: MIT
// Time for both tools: one monotonic clock, so that stamps written by the upstream can be
// subtracted from the client's own readings on the same machine.
#ifndef BENCH_CLOCK_H
#define BENCH_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t now_nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000ull + (uint64_t)now.tv_nsec;
}

// What `epoll_pwait2` should sleep so as to wake at `due` (0 when it has passed).
static inline struct timespec sleep_until(uint64_t due, uint64_t now) {
  uint64_t wait = due > now ? due - now : 0;
  struct timespec out = {(time_t)(wait / 1000000000ull), (long)(wait % 1000000000ull)};
  return out;
}

#endif
