// SPDX-License-Identifier: MIT
#ifndef CZSTD_SHIMS_H
#define CZSTD_SHIMS_H
#include <zstd.h>
#endif
