// SPDX-License-Identifier: MIT
#include "tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>

static const char cipher[] = "TLS_AES_128_GCM_SHA256";
static const char group[] = "X25519";
static const char name[] = "localhost";

static SSL_CTX *server_context, *client_context;

static SSL_CTX *context(const SSL_METHOD *method) {
  SSL_CTX *out = SSL_CTX_new(method);
  if (!out) return NULL;
  SSL_CTX_set_min_proto_version(out, TLS1_3_VERSION);
  SSL_CTX_set_mode(
      out, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
               SSL_MODE_RELEASE_BUFFERS);
  if (SSL_CTX_set_ciphersuites(out, cipher) && SSL_CTX_set1_groups_list(out, group)) return out;
  SSL_CTX_free(out);
  return NULL;
}

static bool refused(void) {
  ERR_print_errors_fp(stderr);
  return false;
}

bool tls_serve(const char *certificate, const char *key) {
  server_context = context(TLS_server_method());
  if (!server_context || SSL_CTX_use_certificate_chain_file(server_context, certificate) != 1 ||
      SSL_CTX_use_PrivateKey_file(server_context, key, SSL_FILETYPE_PEM) != 1)
    return refused();
  return true;
}

bool tls_trust(const char *trusted) {
  client_context = context(TLS_client_method());
  if (!client_context || SSL_CTX_load_verify_file(client_context, trusted) != 1) return refused();
  SSL_CTX_set_verify(client_context, SSL_VERIFY_PEER, NULL);
  // Every new connection is a full handshake: nothing is resumed.
  SSL_CTX_set_session_cache_mode(client_context, SSL_SESS_CACHE_OFF);
  return true;
}

struct ssl_st *tls_open(int descriptor, bool serves) {
  SSL *tls = SSL_new(serves ? server_context : client_context);
  if (!tls || SSL_set_fd(tls, descriptor) != 1) return NULL;
  if (serves) {
    SSL_set_accept_state(tls);
  } else {
    SSL_set_connect_state(tls);
    SSL_set_tlsext_host_name(tls, name);
    SSL_set1_host(tls, name);
  }
  return tls;
}

static ssize_t outcome(SSL *tls, int result) {
  if (result > 0) return result;
  switch (SSL_get_error(tls, result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE: errno = EAGAIN; return -1;
    case SSL_ERROR_ZERO_RETURN: return 0;
    default: ERR_clear_error(); errno = ECONNRESET; return -1;
  }
}

ssize_t tls_read(struct ssl_st *tls, void *bytes, size_t count) {
  return outcome(tls, SSL_read(tls, bytes, (int)count));
}

ssize_t tls_write(struct ssl_st *tls, const void *bytes, size_t count) {
  return outcome(tls, SSL_write(tls, bytes, (int)count));
}

void tls_close(struct ssl_st *tls) {
  if (!tls) return;
  if (SSL_is_init_finished(tls)) SSL_shutdown(tls);
  ERR_clear_error();
  SSL_free(tls);
}
