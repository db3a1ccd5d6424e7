// SPDX-License-Identifier: MIT
// HTTP/2 without TLS, by prior knowledge (RFC 9113, section 3.3): each connection carries the
// streams of `streams_per_connection` slots.
#define _GNU_SOURCE
#include <errno.h>
#include <nghttp2/nghttp2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load.h"

// What the library hands back to each callback.
struct shared {
  int descriptor;
  bool wants_writable;
  nghttp2_session *session;
  struct client *client;
};

static struct shared *connections;
static struct slot *all_slots;
static int connection_count;
static char authority[32], authorization[512], length[16];

static ssize_t on_send(
    nghttp2_session *session, const uint8_t *bytes, size_t count, int flags, void *context) {
  (void)session, (void)flags;
  struct shared *shared = context;
  ssize_t sent = send(shared->descriptor, bytes, count, MSG_NOSIGNAL);
  if (sent >= 0) return sent;
  return errno == EAGAIN ? NGHTTP2_ERR_WOULDBLOCK : NGHTTP2_ERR_CALLBACK_FAILURE;
}

static ssize_t on_body_wanted(
    nghttp2_session *session, int32_t stream, uint8_t *out, size_t capacity, uint32_t *flags,
    nghttp2_data_source *source, void *context) {
  (void)session, (void)stream;
  struct client *client = ((struct shared *)context)->client;
  struct slot *slot = source->ptr;
  size_t left = client->body_bytes - slot->sent, part = left < capacity ? left : capacity;
  memcpy(out, client->body + slot->sent, part);
  slot->sent += part;
  if (slot->sent == client->body_bytes) *flags |= NGHTTP2_DATA_FLAG_EOF;
  return (ssize_t)part;
}

static int on_header(
    nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t name_count,
    const uint8_t *value, size_t count, uint8_t flags, void *context) {
  (void)flags, (void)context;
  struct slot *slot = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
  if (!slot) return 0;
  slot->response.phase = UNTIL_CLOSE;
  if (name_count == 7 && memcmp(name, ":status", 7) == 0)
    slot->response.status = atoi((const char *)value);
  if (name_count == 12 && memcmp(name, "content-type", 12) == 0)
    slot->response.is_stream = count >= 17 && memcmp(value, "text/event-stream", 17) == 0;
  return 0;
}

static int on_data(
    nghttp2_session *session, uint8_t flags, int32_t stream, const uint8_t *bytes, size_t count,
    void *context) {
  (void)flags;
  struct slot *slot = nghttp2_session_get_stream_user_data(session, stream);
  // A slot whose answer was broken is another request's by now.
  if (slot && count && slot->state == BUSY)
    client_take(((struct shared *)context)->client, slot, (const char *)bytes, count);
  return 0;
}

static int on_stream_close(
    nghttp2_session *session, int32_t stream, uint32_t error, void *context) {
  struct client *client = ((struct shared *)context)->client;
  struct slot *slot = nghttp2_session_get_stream_user_data(session, stream);
  if (!slot || slot->state != BUSY) return 0;
  uint64_t *broken = &client->totals.truncated;
  client_finish(client, slot, error ? broken : client_verdict(client, &slot->response));
  return 0;
}

static void watch(struct shared *shared, int operation) {
  struct epoll_event event = {
      .events = EPOLLIN | (shared->wants_writable ? EPOLLOUT : 0), .data.ptr = shared};
  epoll_ctl(shared->client->epoll, operation, shared->descriptor, &event);
}

static void lost(struct shared *shared) {
  struct client *client = shared->client;
  int each = client->options.streams_per_connection, first = (int)(shared - connections) * each;
  close(shared->descriptor);
  shared->descriptor = -1;
  for (int i = first; i < first + each && i < client->options.connections; i++)
    if (all_slots[i].state == BUSY)
      client_finish(client, &all_slots[i], &client->totals.closed_early);
}

static void flush(struct shared *shared) {
  if (nghttp2_session_send(shared->session) != 0) return lost(shared);
  // What the library could not send it wants to send.
  bool wants = nghttp2_session_want_write(shared->session) != 0;
  if (wants == shared->wants_writable) return;
  shared->wants_writable = wants;
  watch(shared, EPOLL_CTL_MOD);
}

static nghttp2_session *new_session(struct shared *shared) {
  nghttp2_session_callbacks *callbacks;
  nghttp2_session *session;
  if (nghttp2_session_callbacks_new(&callbacks)) abort();
  nghttp2_session_callbacks_set_send_callback(callbacks, on_send);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
  if (nghttp2_session_client_new(&session, callbacks, shared)) abort();
  nghttp2_session_callbacks_del(callbacks);
  nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, NULL, 0);
  return session;
}

void http2_prepare(struct client *client, struct slot *slots) {
  const struct options *options = &client->options;
  int each = options->streams_per_connection;
  connection_count = (options->connections + each - 1) / each;
  connections = calloc((size_t)connection_count, sizeof *connections);
  if (!connections) abort();
  all_slots = slots;
  snprintf(authority, sizeof authority, "127.0.0.1:%d", options->port);
  snprintf(authorization, sizeof authorization, "Bearer %s", options->bearer);
  snprintf(length, sizeof length, "%zu", client->body_bytes);
  for (int i = 0; i < connection_count; i++) {
    struct shared *shared = &connections[i];
    shared->client = client;
    shared->descriptor = connection_socket(client);
    if (shared->descriptor < 0) continue;
    client->totals.connects++;
    shared->session = new_session(shared);
    shared->wants_writable = true;
    watch(shared, EPOLL_CTL_ADD);
  }
}

static nghttp2_nv field(const char *name, const char *value) {
  return (nghttp2_nv){(uint8_t *)name, (uint8_t *)value, strlen(name), strlen(value), 0};
}

void http2_start(struct client *client, struct slot *slot, int index) {
  struct shared *shared = &connections[index / client->options.streams_per_connection];
  if (shared->descriptor < 0)
    return client_finish(client, slot, &client->totals.connect_errors);
  slot->state = BUSY;
  nghttp2_nv fields[] = {
      field(":method", "POST"),          field(":scheme", "http"),
      field(":authority", authority),    field(":path", client->options.path),
      field("content-type", "application/json"), field("accept", "application/json"),
      field("user-agent", "bench-load"), field("authorization", authorization),
      field("content-length", length),
  };
  nghttp2_data_provider body = {.source.ptr = slot, .read_callback = on_body_wanted};
  int32_t stream = nghttp2_submit_request(
      shared->session, NULL, fields, sizeof fields / sizeof *fields, &body, slot);
  if (stream < 0) return client_finish(client, slot, &client->totals.connect_errors);
  flush(shared);
}

bool http2_event(struct client *client, void *pointer, uint32_t events) {
  static uint8_t buffer[READ_BYTES];
  (void)client;
  struct shared *shared = pointer;
  if (!connection_count || shared < connections || shared >= connections + connection_count)
    return false;
  while (shared->descriptor >= 0 && (events & ~(uint32_t)EPOLLOUT)) {
    ssize_t got = recv(shared->descriptor, buffer, sizeof buffer, 0);
    if (got < 0 && errno == EAGAIN) break;
    if (got <= 0 || nghttp2_session_mem_recv(shared->session, buffer, (size_t)got) < 0) {
      lost(shared);
      break;
    }
    if ((size_t)got < sizeof buffer) break;
  }
  if (shared->descriptor >= 0) flush(shared);
  return true;
}

void http2_stop(void) {
  for (int i = 0; i < connection_count; i++) {
    if (connections[i].session) nghttp2_session_del(connections[i].session);
    if (connections[i].descriptor >= 0) close(connections[i].descriptor);
  }
  free(connections);
  connection_count = 0;
}
