// SPDX-License-Identifier: MIT
//
// The only computing C: scans of 16 bytes at a time, as `static inline` so that they are compiled
// into their Swift callers. SSE2 is part of every x86-64 and NEON of every AArch64, so no run-time
// dispatch is needed at this width; elsewhere a portable loop gives the same answer. Scans of long
// texts are functions, which take AVX2 where the processor has it.
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__ARM_NEON)
#include <arm_neon.h>
#endif

/// Bit i is set where `bytes[i] == value`, for the 16 bytes at `bytes` (all readable).
static inline uint32_t ck_match16(const uint8_t *bytes, uint8_t value) {
#if defined(__SSE2__)
  __m128i block = _mm_loadu_si128((const __m128i *)bytes);
  return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(block, _mm_set1_epi8((char)value)));
#else
  uint32_t mask = 0;
  for (int i = 0; i < 16; i++) mask |= (uint32_t)(bytes[i] == value) << i;
  return mask;
#endif
}

#if defined(__SSE2__)
/// All ones where a byte ends a run inside a JSON string.
static inline __m128i ck_json_string_stops(const uint8_t *bytes) {
  __m128i block = _mm_loadu_si128((const __m128i *)bytes);
  __m128i backslash = _mm_cmpeq_epi8(block, _mm_set1_epi8('\\'));
  // Flipping bit 1 moves the quote (0x22) to 0x20, just above the control characters, which stay
  // among themselves; bytes of 0x80 and above are negative. So one signed compare covers all three.
  __m128i flipped = _mm_xor_si128(block, _mm_set1_epi8(2));
  return _mm_or_si128(backslash, _mm_cmplt_epi8(flipped, _mm_set1_epi8(0x21)));
}
#endif

/// Bit i is set where the byte ends a run inside a JSON string: a quote, a backslash, a control
/// character (below 0x20) or any byte of a multi-byte UTF-8 sequence (0x80 and above).
static inline uint32_t ck_json_string_stop16(const uint8_t *bytes) {
#if defined(__SSE2__)
  return (uint32_t)_mm_movemask_epi8(ck_json_string_stops(bytes));
#else
  uint32_t mask = 0;
  for (int i = 0; i < 16; i++) {
    uint8_t byte = bytes[i];
    mask |= (uint32_t)(byte == '"' || byte == '\\' || byte < 0x20 || byte >= 0x80) << i;
  }
  return mask;
#endif
}

/// Not 0 if any of 64 bytes ends a run inside a JSON string: what long texts are stepped over with.
static inline uint32_t ck_json_string_stops_in64(const uint8_t *bytes) {
#if defined(__SSE2__)
  __m128i low = _mm_or_si128(ck_json_string_stops(bytes), ck_json_string_stops(bytes + 16));
  __m128i high =
      _mm_or_si128(ck_json_string_stops(bytes + 32), ck_json_string_stops(bytes + 48));
  return (uint32_t)_mm_movemask_epi8(_mm_or_si128(low, high));
#else
  return ck_json_string_stop16(bytes) | ck_json_string_stop16(bytes + 16) |
         ck_json_string_stop16(bytes + 32) | ck_json_string_stop16(bytes + 48);
#endif
}

/// How many bytes at the start of `bytes` end no run inside a JSON string: the place of the first
/// that does, or one from which fewer than 64 bytes are left, which were not all looked at.
size_t ck_json_string_run(const uint8_t *bytes, size_t count);

/// Where in the first `count` bytes a text may start that has `value` there and `other` `distance`
/// bytes behind: the first such place, or one from which fewer than 64 places are left, which were
/// not all looked at. Reads `count + distance` bytes.
size_t ck_find_pair(
    const uint8_t *bytes, size_t count, uint8_t value, size_t distance, uint8_t other);

/// The first place at or after `start`, of `count`, where a line ends (CR or LF) or a quote stands
/// before `e` or `u`; `count` if there is none. Reads nothing beyond `count` bytes: a quote that
/// is the last of them is passed over.
size_t ck_find_event_mark(const uint8_t *bytes, size_t start, size_t count);

/// Bit i is set where `bytes[i] == value` and `bytes[i + distance] == other`: where a text that has
/// these two bytes may start. Reads `16 + distance` bytes.
static inline uint32_t ck_match_pair16(
    const uint8_t *bytes, uint8_t value, size_t distance, uint8_t other) {
#if defined(__SSE2__)
  __m128i first = _mm_loadu_si128((const __m128i *)bytes);
  __m128i second = _mm_loadu_si128((const __m128i *)(bytes + distance));
  first = _mm_cmpeq_epi8(first, _mm_set1_epi8((char)value));
  second = _mm_cmpeq_epi8(second, _mm_set1_epi8((char)other));
  return (uint32_t)_mm_movemask_epi8(_mm_and_si128(first, second));
#else
  uint32_t mask = 0;
  for (size_t i = 0; i < 16; i++) {
    mask |= (uint32_t)(bytes[i] == value && bytes[i + distance] == other) << i;
  }
  return mask;
#endif
}

/// Bit i is set where the byte ends the plain part of an HTTP field value: a control character
/// (HTAB too), DEL, or a byte of 0x80 and above. The caller looks at the byte where the run stops
/// and goes on after HTAB and obs-text (RFC 9110 section 5.5), which are rare.
static inline uint32_t ck_http_value_stop16(const uint8_t *bytes) {
#if defined(__SSE2__)
  __m128i block = _mm_loadu_si128((const __m128i *)bytes);
  // Adding 1 makes DEL the least signed value, so that one signed compare covers all three.
  __m128i shifted = _mm_add_epi8(block, _mm_set1_epi8(1));
  return (uint32_t)_mm_movemask_epi8(_mm_cmplt_epi8(shifted, _mm_set1_epi8(0x21)));
#else
  uint32_t mask = 0;
  for (int i = 0; i < 16; i++) mask |= (uint32_t)(bytes[i] < 0x20 || bytes[i] >= 0x7f) << i;
  return mask;
#endif
}

/// Bit i is set where `one[i] != other[i]`, for 16 bytes.
static inline uint32_t ck_differ16(const uint8_t *one, const uint8_t *other) {
#if defined(__SSE2__)
  __m128i left = _mm_loadu_si128((const __m128i *)one);
  __m128i right = _mm_loadu_si128((const __m128i *)other);
  return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(left, right)) ^ 0xffff;
#else
  uint32_t mask = 0;
  for (int i = 0; i < 16; i++) mask |= (uint32_t)(one[i] != other[i]) << i;
  return mask;
#endif
}

/// Not 0 if the `count` bytes at both places are the same. Reads nothing beyond them, and takes the
/// same time wherever they differ.
static inline int ck_equal(const uint8_t *one, const uint8_t *other, size_t count) {
  if (count >= 16) {
    uint32_t different = ck_differ16(one + count - 16, other + count - 16);
    for (size_t i = 0; i + 16 < count; i += 16) different |= ck_differ16(one + i, other + i);
    return different == 0;
  }
  if (count >= 8) {
    uint64_t a, b, c, d;
    memcpy(&a, one, 8);
    memcpy(&b, other, 8);
    memcpy(&c, one + count - 8, 8);
    memcpy(&d, other + count - 8, 8);
    return ((a ^ b) | (c ^ d)) == 0;
  }
  uint8_t different = 0;
  for (size_t i = 0; i < count; i++) different |= one[i] ^ other[i];
  return different == 0;
}

/// The first place of `count` at which the bytes differ, or `count`.
static inline size_t ck_first_difference(
    const uint8_t *one, const uint8_t *other, size_t count) {
  size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    uint32_t different = ck_differ16(one + i, other + i);
    if (different) return i + (size_t)__builtin_ctz(different);
  }
  for (; i < count; i++) {
    if (one[i] != other[i]) return i;
  }
  return count;
}

/// As `ck_first_difference`, in a time that depends on `count` alone.
static inline size_t ck_first_difference_steady(
    const uint8_t *one, const uint8_t *other, size_t count) {
  size_t first = count, i = count;
  if (count < 16) {
    while (i > 0) {
      i--;
      first = one[i] != other[i] ? i : first;
    }
    return first;
  }
  // The last block overlaps with the one before it, which is looked at later and so has its say.
  uint32_t last = ck_differ16(one + count - 16, other + count - 16);
  first = last ? count - 16 + (size_t)__builtin_ctz(last | 0x10000) : first;
  for (i = (count - 1) & ~(size_t)15; i > 0;) {
    i -= 16;
    uint32_t different = ck_differ16(one + i, other + i);
    size_t place = i + (size_t)__builtin_ctz(different | 0x10000);
    first = different ? place : first;
  }
  return first;
}

/// As `ck_match16`, for 32 bytes.
static inline uint32_t ck_match32(const uint8_t *bytes, uint8_t value) {
  return ck_match16(bytes, value) | ck_match16(bytes + 16, value) << 16;
}

/// As `ck_http_value_stop16`, for 64 bytes.
static inline uint64_t ck_http_value_stop64(const uint8_t *bytes) {
  uint32_t low = ck_http_value_stop16(bytes) | ck_http_value_stop16(bytes + 16) << 16;
  uint32_t high = ck_http_value_stop16(bytes + 32) | ck_http_value_stop16(bytes + 48) << 16;
  return (uint64_t)high << 32 | low;
}

/// Bit i is set where `bytes[i]` is `first` or `second`.
static inline uint32_t ck_match_either16(const uint8_t *bytes, uint8_t first, uint8_t second) {
#if defined(__SSE2__)
  __m128i block = _mm_loadu_si128((const __m128i *)bytes);
  __m128i one = _mm_cmpeq_epi8(block, _mm_set1_epi8((char)first));
  __m128i other = _mm_cmpeq_epi8(block, _mm_set1_epi8((char)second));
  return (uint32_t)_mm_movemask_epi8(_mm_or_si128(one, other));
#else
  uint32_t mask = 0;
  for (int i = 0; i < 16; i++) mask |= (uint32_t)(bytes[i] == first || bytes[i] == second) << i;
  return mask;
#endif
}

/// Bit i is set where the byte is none of A-Z, a-z, 0-9 and '-': the bytes nearly every HTTP field
/// name is made of. The caller looks at the byte where the run stops; it may be a rarer tchar.
static inline uint32_t ck_http_name_stop16(const uint8_t *bytes) {
#if defined(__SSE2__)
  __m128i block = _mm_loadu_si128((const __m128i *)bytes);
  __m128i folded = _mm_or_si128(block, _mm_set1_epi8(0x20));
  __m128i letter = _mm_sub_epi8(folded, _mm_set1_epi8('a'));
  letter = _mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8(25)), letter);
  __m128i digit = _mm_sub_epi8(block, _mm_set1_epi8('0'));
  digit = _mm_cmpeq_epi8(_mm_min_epu8(digit, _mm_set1_epi8(9)), digit);
  __m128i dash = _mm_cmpeq_epi8(block, _mm_set1_epi8('-'));
  return (uint32_t)_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(letter, digit), dash)) ^ 0xffff;
#else
  uint32_t mask = 0;
  for (int i = 0; i < 16; i++) {
    uint8_t byte = bytes[i], folded = byte | 0x20;
    int inside = (uint8_t)(folded - 'a') < 26 || (uint8_t)(byte - '0') < 10 || byte == '-';
    mask |= (uint32_t)!inside << i;
  }
  return mask;
#endif
}

/// Bit i is set where the byte may not stand in a request target or ends it: a control character, a
/// space, DEL, or a byte of 0x80 and above (RFC 3986 is ASCII).
static inline uint32_t ck_http_target_stop16(const uint8_t *bytes) {
#if defined(__SSE2__)
  __m128i block = _mm_loadu_si128((const __m128i *)bytes);
  // As in ck_http_value_stop16, with the space outside too.
  __m128i shifted = _mm_add_epi8(block, _mm_set1_epi8(1));
  return (uint32_t)_mm_movemask_epi8(_mm_cmplt_epi8(shifted, _mm_set1_epi8(0x22)));
#else
  uint32_t mask = 0;
  for (int i = 0; i < 16; i++) {
    mask |= (uint32_t)(bytes[i] < 0x21 || bytes[i] >= 0x7f) << i;
  }
  return mask;
#endif
}

/// Bit i is set where the byte is none of A-Z, a-z, 0-9, '-' and '.': what most host names and all
/// IPv4 addresses are made of. The caller looks at the byte where the run stops.
static inline uint32_t ck_http_host_stop16(const uint8_t *bytes) {
#if defined(__SSE2__)
  __m128i block = _mm_loadu_si128((const __m128i *)bytes);
  __m128i dot = _mm_cmpeq_epi8(block, _mm_set1_epi8('.'));
  return ck_http_name_stop16(bytes) & ~(uint32_t)_mm_movemask_epi8(dot);
#else
  uint32_t mask = ck_http_name_stop16(bytes);
  for (int i = 0; i < 16; i++) {
    if (bytes[i] == '.') mask &= ~((uint32_t)1 << i);
  }
  return mask;
#endif
}

#endif
