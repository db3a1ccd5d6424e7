// SPDX-License-Identifier: MIT
//
// Scans of long texts, where wider registers pay for the question whether there are any.
#include "CKernels.h"

/// `ck_find_event_mark` byte by byte: what is left of a text.
static inline size_t event_mark_plain(const uint8_t *bytes, size_t index, size_t count) {
  for (; index < count; index++) {
    uint8_t byte = bytes[index];
    if (byte == '\n' || byte == '\r') return index;
    if (byte != '"' || index + 1 == count) continue;
    uint8_t next = bytes[index + 1];
    if (next == 'e' || next == 'u') return index;
  }
  return count;
}

#if defined(__x86_64__)
#include <immintrin.h>

/// As `ck_json_string_stops`, for 32 bytes.
__attribute__((target("avx2"))) static inline __m256i stops32(const uint8_t *bytes) {
  __m256i block = _mm256_loadu_si256((const __m256i *)bytes);
  __m256i backslash = _mm256_cmpeq_epi8(block, _mm256_set1_epi8('\\'));
  __m256i flipped = _mm256_xor_si256(block, _mm256_set1_epi8(2));
  return _mm256_or_si256(backslash, _mm256_cmpgt_epi8(_mm256_set1_epi8(0x21), flipped));
}

__attribute__((target("avx2"))) static size_t json_string_run_wide(
    const uint8_t *bytes, size_t count) {
  size_t index = 0;
  for (; index + 64 <= count; index += 64) {
    __m256i low = stops32(bytes + index);
    __m256i high = stops32(bytes + index + 32);
    if (_mm256_testz_si256(_mm256_or_si256(low, high), _mm256_or_si256(low, high))) continue;
    uint64_t mask = (uint32_t)_mm256_movemask_epi8(low) |
                    (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32;
    return index + (size_t)__builtin_ctzll(mask);
  }
  return index;
}

__attribute__((target("avx2"))) static size_t pair_wide(
    const uint8_t *bytes, size_t count, uint8_t value, size_t distance, uint8_t other) {
  __m256i first = _mm256_set1_epi8((char)value), second = _mm256_set1_epi8((char)other);
  size_t index = 0;
  for (; index + 64 <= count; index += 64) {
    const __m256i *at = (const __m256i *)(bytes + index);
    const __m256i *behind = (const __m256i *)(bytes + index + distance);
    __m256i low = _mm256_and_si256(
        _mm256_cmpeq_epi8(_mm256_loadu_si256(at), first),
        _mm256_cmpeq_epi8(_mm256_loadu_si256(behind), second));
    __m256i high = _mm256_and_si256(
        _mm256_cmpeq_epi8(_mm256_loadu_si256(at + 1), first),
        _mm256_cmpeq_epi8(_mm256_loadu_si256(behind + 1), second));
    __m256i either = _mm256_or_si256(low, high);
    if (_mm256_testz_si256(either, either)) continue;
    uint64_t mask = (uint32_t)_mm256_movemask_epi8(low) |
                    (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32;
    return index + (size_t)__builtin_ctzll(mask);
  }
  return index;
}

/// All ones at the marks of `ck_find_event_mark`, for 32 bytes; reads one more.
__attribute__((target("avx2"))) static inline __m256i event_marks32(const uint8_t *bytes) {
  __m256i block = _mm256_loadu_si256((const __m256i *)bytes);
  __m256i next = _mm256_loadu_si256((const __m256i *)(bytes + 1));
  __m256i line = _mm256_or_si256(
      _mm256_cmpeq_epi8(block, _mm256_set1_epi8('\n')),
      _mm256_cmpeq_epi8(block, _mm256_set1_epi8('\r')));
  // `e` and `u` are one bit apart.
  __m256i letter =
      _mm256_cmpeq_epi8(_mm256_or_si256(next, _mm256_set1_epi8(0x10)), _mm256_set1_epi8('u'));
  __m256i quote = _mm256_cmpeq_epi8(block, _mm256_set1_epi8('"'));
  return _mm256_or_si256(line, _mm256_and_si256(quote, letter));
}

__attribute__((target("avx2"))) static size_t event_mark_wide(
    const uint8_t *bytes, size_t start, size_t count) {
  size_t index = start;
  for (; index + 65 <= count; index += 64) {
    __m256i low = event_marks32(bytes + index);
    __m256i high = event_marks32(bytes + index + 32);
    __m256i either = _mm256_or_si256(low, high);
    if (_mm256_testz_si256(either, either)) continue;
    uint64_t mask = (uint32_t)_mm256_movemask_epi8(low) |
                    (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32;
    return index + (size_t)__builtin_ctzll(mask);
  }
  if (index + 33 <= count) {
    uint32_t mask = (uint32_t)_mm256_movemask_epi8(event_marks32(bytes + index));
    if (mask) return index + (size_t)__builtin_ctz(mask);
    index += 32;
  }
  if (index + 1 < count && count >= 33) {
    // The last block ends with the text; what lies before `index` has been looked at.
    size_t block = count - 33;
    uint32_t mask = (uint32_t)_mm256_movemask_epi8(event_marks32(bytes + block));
    mask &= ~(uint32_t)0 << (index - block);
    if (mask) return block + (size_t)__builtin_ctz(mask);
    index = count - 1;
  }
  return event_mark_plain(bytes, index, count);
}
#endif

size_t ck_find_event_mark(const uint8_t *bytes, size_t start, size_t count) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) return event_mark_wide(bytes, start, count);
#endif
  size_t index = start;
  for (; index + 17 <= count; index += 16) {
    uint32_t quotes = ck_match16(bytes + index, '"');
    uint32_t letters = ck_match_either16(bytes + index + 1, 'e', 'u');
    uint32_t mask = ck_match_either16(bytes + index, '\n', '\r') | (quotes & letters);
    if (mask) return index + (size_t)__builtin_ctz(mask);
  }
  return event_mark_plain(bytes, index, count);
}

size_t ck_json_string_run(const uint8_t *bytes, size_t count) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) return json_string_run_wide(bytes, count);
#endif
  size_t index = 0;
  for (; index + 64 <= count; index += 64) {
    if (ck_json_string_stops_in64(bytes + index)) break;
  }
  for (; index + 16 <= count; index += 16) {
    uint32_t stops = ck_json_string_stop16(bytes + index);
    if (stops) return index + (size_t)__builtin_ctz(stops);
  }
  return index;
}

size_t ck_find_pair(
    const uint8_t *bytes, size_t count, uint8_t value, size_t distance, uint8_t other) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) return pair_wide(bytes, count, value, distance, other);
#endif
  size_t index = 0;
  for (; index + 16 <= count; index += 16) {
    uint32_t found = ck_match_pair16(bytes + index, value, distance, other);
    if (found) return index + (size_t)__builtin_ctz(found);
  }
  return index;
}
