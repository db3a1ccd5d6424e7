// SPDX-License-Identifier: MIT
// libcurl for Swift: the variadic calls as typed ones.
#ifndef CCURL_SHIMS_H
#define CCURL_SHIMS_H
#include <curl/curl.h>
#endif
