// SPDX-License-Identifier: MIT
//
// The only computing C: scans of 16 bytes at a time, as `static inline` so that they are compiled
// into their Swift callers. SSE2 is part of every x86-64 and NEON of every AArch64, so no run-time
// dispatch is needed at this width; elsewhere a portable loop gives the same answer.
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

/// Bit i is set where the byte ends a run inside a JSON string: a quote, a backslash, a control
/// character (below 0x20) or any byte of a multi-byte UTF-8 sequence (0x80 and above).
static inline uint32_t ck_json_string_stop16(const uint8_t *bytes) {
#if defined(__SSE2__)
  __m128i block = _mm_loadu_si128((const __m128i *)bytes);
  __m128i quote = _mm_cmpeq_epi8(block, _mm_set1_epi8('"'));
  __m128i backslash = _mm_cmpeq_epi8(block, _mm_set1_epi8('\\'));
  // Signed compare: bytes of 0x80 and above are negative, so one test covers both ends.
  __m128i outside = _mm_cmplt_epi8(block, _mm_set1_epi8(0x20));
  return (uint32_t)_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quote, backslash), outside));
#else
  uint32_t mask = 0;
  for (int i = 0; i < 16; i++) {
    uint8_t byte = bytes[i];
    mask |= (uint32_t)(byte == '"' || byte == '\\' || byte < 0x20 || byte >= 0x80) << i;
  }
  return mask;
#endif
}

/// Bit i is set where the byte may not stand in an HTTP field value or ends it: a control character
/// other than HTAB, or DEL. (RFC 9110 section 5.5; bytes of 0x80 and above are obs-text.)
static inline uint32_t ck_http_value_stop16(const uint8_t *bytes) {
#if defined(__SSE2__)
  __m128i block = _mm_loadu_si128((const __m128i *)bytes);
  __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(block, _mm_set1_epi8(0x1f)), block);
  __m128i tab = _mm_cmpeq_epi8(block, _mm_set1_epi8('\t'));
  __m128i del = _mm_cmpeq_epi8(block, _mm_set1_epi8(0x7f));
  return (uint32_t)_mm_movemask_epi8(_mm_or_si128(_mm_andnot_si128(tab, low), del));
#else
  uint32_t mask = 0;
  for (int i = 0; i < 16; i++) {
    uint8_t byte = bytes[i];
    mask |= (uint32_t)((byte < 0x20 && byte != '\t') || byte == 0x7f) << i;
  }
  return mask;
#endif
}

#endif
