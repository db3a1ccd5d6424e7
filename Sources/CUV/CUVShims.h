// SPDX-License-Identifier: MIT
// libuv for Swift: casts between handle types that Swift's importer cannot express.
#ifndef CUV_SHIMS_H
#define CUV_SHIMS_H
#include <uv.h>
#endif
