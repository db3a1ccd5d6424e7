// SPDX-License-Identifier: MIT
// zlib for Swift: what are macros in C.
#ifndef CZLIB_SHIMS_H
#define CZLIB_SHIMS_H
#include <zlib.h>

// 15 is the largest window, and 16 asks for gzip's framing (RFC 1952) with its checksum.
static inline int czlib_inflate_gzip_init(z_stream *stream) {
  return inflateInit2(stream, 15 + 16);
}

// The same framing, at the level that zlib takes for a good trade; 8 is its usual memory.
static inline int czlib_deflate_gzip_init(z_stream *stream) {
  return deflateInit2(stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
}
#endif
