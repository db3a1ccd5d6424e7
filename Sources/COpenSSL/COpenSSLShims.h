// SPDX-License-Identifier: MIT
// OpenSSL for Swift: the macros as functions.
#ifndef COPENSSL_SHIMS_H
#define COPENSSL_SHIMS_H
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#endif
