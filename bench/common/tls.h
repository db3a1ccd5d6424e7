// SPDX-License-Identifier: MIT
// TLS 1.3 over non-blocking sockets for both tools, with one cipher and one curve, so that every
// proxy between them does the same arithmetic whatever it would choose by itself.
#ifndef BENCH_TLS_H
#define BENCH_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

// One end of a connection.
struct ssl_st;

// `certificate` and `key` are PEM files. False: said on stderr.
bool tls_serve(const char *certificate, const char *key);
// `trusted` is the PEM file of the only certificate to accept.
bool tls_trust(const char *trusted);

// NULL: out of memory. The handshake is part of the first reads and writes.
struct ssl_st *tls_open(int descriptor, bool serves);
// As recv(2) and send(2): -1 with EAGAIN means later; a write may also wait for what is read.
ssize_t tls_read(struct ssl_st *tls, void *bytes, size_t count);
ssize_t tls_write(struct ssl_st *tls, const void *bytes, size_t count);
// Says goodbye where the handshake is over; the descriptor stays the caller's.
void tls_close(struct ssl_st *tls);

#endif
