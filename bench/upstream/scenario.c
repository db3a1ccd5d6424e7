// SPDX-License-Identifier: MIT
// The script of one request, from the command line or from the request's own body. The body is
// the way that passes through any proxy: `"user":"bench:delay=10,tokens=50"`.
#define _GNU_SOURCE
#include "upstream.h"

#include <stdlib.h>
#include <string.h>

struct scenario scenario_default(void) {
  struct scenario out = {0};
  out.tokens = 50;
  out.burst = 1;
  out.status = 200;
  out.after = -1;
  return out;
}

static bool is(const char *text, size_t count, const char *word) {
  return strlen(word) == count && memcmp(text, word, count) == 0;
}

static bool read_fault(struct scenario *out, const char *value, size_t count) {
  static const struct { const char *name; enum fault_kind kind; } kinds[] = {
      {"reset", FAULT_RESET}, {"close", FAULT_CLOSE}, {"hang", FAULT_HANG},
      {"html", FAULT_HTML},   {"error", FAULT_ERROR_BODY},
  };
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (is(value, count, kinds[i].name)) return out->fault = kinds[i].kind, true;
  return false;
}

static bool read_place(struct scenario *out, const char *value, size_t count) {
  if (is(value, count, "before")) return out->place = FAULT_BEFORE, true;
  if (is(value, count, "head")) return out->place = FAULT_HEAD, true;
  if (is(value, count, "middle")) return out->place = FAULT_MIDDLE, true;
  return false;
}

static bool read_number(struct scenario *out, const char *key, size_t key_count, double number) {
  uint64_t nanoseconds = (uint64_t)(number * 1e6);
  if (is(key, key_count, "latency")) return out->latency_nanoseconds = nanoseconds, true;
  if (is(key, key_count, "delay")) return out->delay_nanoseconds = nanoseconds, true;
  if (is(key, key_count, "tokens")) return out->tokens = (int)number, number <= TOKENS_MAX;
  if (is(key, key_count, "burst")) return out->burst = (int)number, number >= 1 && number <= 256;
  if (is(key, key_count, "status")) return out->status = (int)number, number >= 200;
  if (is(key, key_count, "pad")) return out->pad_bytes = (int)number, number <= 512 * 1024;
  if (is(key, key_count, "tls")) return out->tls = number != 0, true;
  if (is(key, key_count, "after")) return out->after = (int)number, true;
  return true;
}

static bool read_pair(struct scenario *out, const char *pair, size_t count) {
  const char *equals = memchr(pair, '=', count);
  if (!equals) return false;
  size_t key_count = (size_t)(equals - pair);
  const char *value = equals + 1;
  size_t value_count = count - key_count - 1;
  if (is(pair, key_count, "fault")) return read_fault(out, value, value_count);
  if (is(pair, key_count, "at")) return read_place(out, value, value_count);
  char digits[32];
  if (value_count == 0 || value_count >= sizeof digits) return false;
  memcpy(digits, value, value_count);
  digits[value_count] = 0;
  char *end;
  double number = strtod(digits, &end);
  if (*end || !(number >= 0 && number <= 1e9)) return false;
  return read_number(out, pair, key_count, number);
}

bool scenario_read(struct scenario *scenario, const char *text, size_t count) {
  while (count) {
    const char *comma = memchr(text, ',', count);
    size_t pair = comma ? (size_t)(comma - text) : count;
    if (pair && !read_pair(scenario, text, pair)) return false;
    if (!comma) return true;
    text = comma + 1;
    count -= pair + 1;
  }
  return true;
}

void scenario_from_body(struct scenario *scenario, const char *body, size_t count) {
  static const char mark[] = "\"bench:";
  const char *start = memmem(body, count, mark, sizeof mark - 1);
  if (!start) return;
  start += sizeof mark - 1;
  const char *end = memchr(start, '"', count - (size_t)(start - body));
  if (end && !scenario_read(scenario, start, (size_t)(end - start))) counters.bad++;
}
