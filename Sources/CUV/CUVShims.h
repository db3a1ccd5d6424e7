// SPDX-License-Identifier: MIT
// libuv for Swift: casts between handle types, and socket options that need C macros.
#ifndef CUV_SHIMS_H
#define CUV_SHIMS_H

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

static inline uv_handle_t *cuv_handle(void *handle) { return (uv_handle_t *)handle; }
static inline uv_stream_t *cuv_stream(void *stream) { return (uv_stream_t *)stream; }

/// Opens a TCP socket with SO_REUSEADDR and, if asked, SO_REUSEPORT, binds it and hands it to
/// `tcp`. Returns 0 or a negative libuv error. libuv 1.44 has no reuse-port flag of its own.
static inline int cuv_tcp_bind(
    uv_tcp_t *tcp, const struct sockaddr *address, unsigned int length, int reuse_port) {
  int one = 1;
  int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return uv_translate_sys_error(errno);
  int failed = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0;
  if (!failed && reuse_port)
    failed = setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one) != 0;
  if (!failed && address->sa_family == AF_INET6)
    failed = setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one) != 0;
  if (!failed) failed = bind(fd, address, length) != 0;
  if (failed) {
    int error = uv_translate_sys_error(errno);
    close(fd);
    return error;
  }
  int status = uv_tcp_open(tcp, fd);
  if (status != 0) close(fd);
  return status;
}

/// 0 when nothing listens on the address, else a negative libuv error: a socket that shares with
/// nobody is bound and closed at once.
static inline int cuv_address_is_free(const struct sockaddr *address, unsigned int length) {
  int one = 1;
  int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return uv_translate_sys_error(errno);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (address->sa_family == AF_INET6)
    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
  int error = bind(fd, address, length) == 0 ? 0 : uv_translate_sys_error(errno);
  close(fd);
  return error;
}

/// Sends RST instead of FIN when the handle is closed, so that a peer cannot mistake a broken
/// answer for a whole one.
static inline void cuv_tcp_linger_zero(uv_tcp_t *tcp) {
  uv_os_fd_t fd;
  struct linger linger = {1, 0};
  if (uv_fileno((const uv_handle_t *)tcp, &fd) == 0)
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

/// Names the calling thread; at most 15 bytes are kept.
static inline void cuv_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

#endif
