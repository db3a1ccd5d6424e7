// SPDX-License-Identifier: MIT
// nghttp2 for Swift: the frames of HTTP/2 without sockets.
#ifndef CNGHTTP2_SHIMS_H
#define CNGHTTP2_SHIMS_H
#include <nghttp2/nghttp2.h>

// The members of the frame union that are read here, by name: a union's import to Swift copies it
// whole on each access.
static inline uint8_t cnghttp2_frame_type(const nghttp2_frame *frame) { return frame->hd.type; }
static inline uint8_t cnghttp2_frame_flags(const nghttp2_frame *frame) { return frame->hd.flags; }
static inline int32_t cnghttp2_frame_stream(const nghttp2_frame *frame) {
  return frame->hd.stream_id;
}
static inline size_t cnghttp2_frame_length(const nghttp2_frame *frame) { return frame->hd.length; }
static inline int cnghttp2_headers_category(const nghttp2_frame *frame) {
  return (int)frame->headers.cat;
}
static inline uint32_t cnghttp2_reset_code(const nghttp2_frame *frame) {
  return frame->rst_stream.error_code;
}
#endif
