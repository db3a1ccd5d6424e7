// SPDX-License-Identifier: MIT
// Logarithmic slots, 4,096 to each power of two: fixed memory, relative error at most 1/4096.
#include "load.h"

#include <math.h>
#include <stdio.h>

enum { SUB_BITS = 12 };

static unsigned slot_of(uint64_t value) {
  if (value < (1u << SUB_BITS)) return (unsigned)value;
  unsigned power = 63 - (unsigned)__builtin_clzll(value);
  unsigned sub = (unsigned)(value >> (power - SUB_BITS)) & ((1u << SUB_BITS) - 1);
  return ((power - SUB_BITS + 1) << SUB_BITS) + sub;
}

static uint64_t value_of(unsigned slot) {
  unsigned power = slot >> SUB_BITS;
  uint64_t sub = slot & ((1u << SUB_BITS) - 1);
  return power == 0 ? sub : ((1ull << SUB_BITS) + sub) << (power - 1);
}

void histogram_add(struct histogram *histogram, uint64_t nanoseconds) {
  histogram->count++;
  histogram->total += nanoseconds;
  if (nanoseconds > histogram->largest) histogram->largest = nanoseconds;
  histogram->slots[slot_of(nanoseconds)]++;
}

double histogram_at(const struct histogram *histogram, double share) {
  uint64_t wanted = (uint64_t)(share * (double)histogram->count), seen = 0;
  for (unsigned slot = 0; slot < HISTOGRAM_SLOTS; slot++) {
    seen += histogram->slots[slot];
    if (seen > wanted) return (double)value_of(slot) / 1e3;
  }
  return (double)histogram->largest / 1e3;
}

// [share, microseconds] pairs, finer towards the end, where the interest lies.
static void distribution_print(const struct histogram *histogram) {
  printf(",\"distribution\":[");
  double from = 0;
  for (int nines = 0; nines < 4; nines++) {
    double width = pow(10, -nines);
    for (int step = 0; step < 90; step++) {
      double share = from + width * step / 100;
      printf("%s[%.6f,%.1f]", nines || step ? "," : "", share, histogram_at(histogram, share));
    }
    from += width * 0.9;
  }
  printf("]");
}

void histogram_print(const struct histogram *histogram, const char *name, bool distribution) {
  double mean = histogram->count ? (double)histogram->total / (double)histogram->count / 1e3 : 0;
  printf(
      ",\"%s\":{\"count\":%llu,\"mean\":%.1f,\"p50\":%.1f,\"p90\":%.1f,\"p99\":%.1f,\"p999\":%.1f,"
      "\"max\":%.1f",
      name, (unsigned long long)histogram->count, mean, histogram_at(histogram, .5),
      histogram_at(histogram, .9), histogram_at(histogram, .99), histogram_at(histogram, .999),
      (double)histogram->largest / 1e3);
  if (distribution && histogram->count) distribution_print(histogram);
  printf("}");
}
