// SPDX-License-Identifier: MIT
// A slot's own connection: HTTP/1.1, encrypted where the client was told whom to trust.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/clock.h"
#include "../common/tls.h"
#include "load.h"

static void watch(struct client *client, struct slot *slot, bool writable, int operation) {
  slot->wants_writable = writable;
  struct epoll_event event = {
      .events = EPOLLIN | EPOLLRDHUP | (writable ? EPOLLOUT : 0), .data.ptr = slot};
  epoll_ctl(client->epoll, operation, slot->descriptor, &event);
}

void connection_close(struct slot *slot) {
  if (slot->tls) tls_close(slot->tls);
  slot->tls = NULL;
  if (slot->descriptor >= 0) close(slot->descriptor);
  slot->descriptor = -1;
  slot->state = CLOSED;
}

static ssize_t write_some(struct slot *slot, const char *bytes, size_t count) {
  if (slot->tls) return tls_write(slot->tls, bytes, count);
  return send(slot->descriptor, bytes, count, MSG_NOSIGNAL);
}

static ssize_t read_some(struct slot *slot, char *bytes, size_t count) {
  if (slot->tls) return tls_read(slot->tls, bytes, count);
  return recv(slot->descriptor, bytes, count, 0);
}

static void send_more(struct client *client, struct slot *slot) {
  while (slot->sent < client->request_bytes) {
    ssize_t sent = write_some(
        slot, client->request + slot->sent, client->request_bytes - slot->sent);
    if (sent < 0 && errno == EAGAIN) {
      // A handshake waits for the other side; `connection_event` goes on then.
      if (!slot->wants_writable && !slot->tls) watch(client, slot, true, EPOLL_CTL_MOD);
      return;
    }
    if (sent < 0) return client_finish(client, slot, &client->totals.closed_early);
    slot->sent += (size_t)sent;
  }
  if (slot->wants_writable) watch(client, slot, false, EPOLL_CTL_MOD);
}

int connection_socket(const struct client *client) {
  int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons((uint16_t)client->options.port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int on = 1;
  if (descriptor < 0) return -1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(descriptor, (struct sockaddr *)&address, sizeof address) == 0 ||
      errno == EINPROGRESS)
    return descriptor;
  close(descriptor);
  return -1;
}

static bool open_connection(struct client *client, struct slot *slot) {
  slot->descriptor = connection_socket(client);
  if (slot->descriptor < 0) return false;
  client->totals.connects++;
  if (client->options.trusted && !(slot->tls = tls_open(slot->descriptor, false))) return false;
  slot->state = CONNECTING;
  watch(client, slot, true, EPOLL_CTL_ADD);
  return true;
}

void connection_start(struct client *client, struct slot *slot) {
  if (slot->state == CLOSED) {
    if (!open_connection(client, slot))
      client_finish(client, slot, &client->totals.connect_errors);
    return;
  }
  slot->state = BUSY;
  if (slot->counted) histogram_add(&client->send_lag, now_nanoseconds() - slot->due);
  send_more(client, slot);
}

static void connected(struct client *client, struct slot *slot) {
  int problem = 0;
  socklen_t count = sizeof problem;
  getsockopt(slot->descriptor, SOL_SOCKET, SO_ERROR, &problem, &count);
  if (problem) return client_finish(client, slot, &client->totals.connect_errors);
  slot->state = BUSY;
  if (slot->tls) watch(client, slot, false, EPOLL_CTL_MOD);
  send_more(client, slot);
}

static void readable(struct client *client, struct slot *slot) {
  static char buffer[READ_BYTES];
  while (slot->state == BUSY || slot->state == IDLE) {
    ssize_t got = read_some(slot, buffer, sizeof buffer);
    if (got < 0 && errno == EAGAIN) return;
    if (got > 0 && slot->state == BUSY) {
      client_take(client, slot, buffer, (size_t)got);
      // Of TLS, a record is read at a time; the next one may be decrypted already.
      if ((size_t)got < sizeof buffer && !slot->tls) return;
      continue;
    }
    if (slot->state == IDLE) return connection_close(slot);
    if (got == 0 && slot->response.phase == UNTIL_CLOSE) {
      slot->response.closes = true;
      return client_finish(client, slot, client_verdict(client, &slot->response));
    }
    bool begun = slot->response.status != 0;
    struct totals *totals = &client->totals;
    return client_finish(client, slot, begun ? &totals->truncated : &totals->closed_early);
  }
}

void connection_event(struct client *client, struct slot *slot, uint32_t events) {
  if (slot->state == CONNECTING) return connected(client, slot);
  if (slot->state == CLOSED) return;
  bool handshakes = slot->tls && slot->sent < client->request_bytes;
  if (((events & EPOLLOUT) || handshakes) && slot->state == BUSY) send_more(client, slot);
  if (slot->state != CLOSED && (events & ~(uint32_t)EPOLLOUT)) readable(client, slot);
}
