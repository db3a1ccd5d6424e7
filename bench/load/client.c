// SPDX-License-Identifier: MIT
// Connections and pacing. In the closed loop each connection sends again as soon as it is
// answered; in the open loop requests are due at fixed or Poisson times, and latency counts from
// the moment a request was DUE, so that a slow server cannot slow the questions down.
#define _GNU_SOURCE
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/clock.h"

enum { EVENTS_MAX = 256 };

enum slot_state { CLOSED, CONNECTING, IDLE, BUSY };

struct slot {
  int descriptor;
  enum slot_state state;
  bool counted, reused, wants_writable;
  size_t sent;
  uint64_t due, last_content;
  struct response response;
  struct slot *next_free;
};

static struct slot *slots, *free_slots;
static int busy_count;

static void release(struct slot *slot) {
  slot->next_free = free_slots;
  free_slots = slot;
}

static void watch(struct client *client, struct slot *slot, bool writable, int operation) {
  slot->wants_writable = writable;
  struct epoll_event event = {
      .events = EPOLLIN | EPOLLRDHUP | (writable ? EPOLLOUT : 0), .data.ptr = slot};
  epoll_ctl(client->epoll, operation, slot->descriptor, &event);
}

static void hang_up(struct slot *slot) {
  if (slot->descriptor >= 0) close(slot->descriptor);
  slot->descriptor = -1;
  slot->state = CLOSED;
}

// The request in flight is over; `failure` (if any) is the counter it goes to.
static void finish(struct client *client, struct slot *slot, uint64_t *failure) {
  uint64_t now = now_nanoseconds();
  busy_count--;
  client->totals.completed++;
  if (slot->response.is_stream && slot->response.contents && client->options.hold)
    client->totals.holding--;
  if (failure) {
    (*failure)++;
  } else {
    client->totals.succeeded++;
    client->totals.bytes += slot->response.body_bytes;
    if (slot->counted) {
      histogram_add(&client->latency, now - slot->due);
      if (!client->totals.first_counted) client->totals.first_counted = slot->due;
      client->totals.last_counted = now;
    }
  }
  if (failure || slot->response.closes) hang_up(slot);
  else slot->state = IDLE;
  release(slot);
}

static uint64_t *verdict(struct client *client, const struct response *response) {
  struct totals *totals = &client->totals;
  if (response->phase == BROKEN) return &totals->truncated;
  if (response->status != 200) return &totals->bad_status;
  if (response->error_seen) return &totals->errors_in_stream;
  if (client->options.stream) {
    bool whole = response->done_seen &&
                 (!client->options.tokens || response->contents == client->options.tokens);
    return whole ? NULL : &totals->truncated;
  }
  return response->last_byte == '}' || response->last_byte == '\n' ? NULL : &totals->truncated;
}

static void send_more(struct client *client, struct slot *slot) {
  while (slot->sent < client->request_bytes) {
    ssize_t sent = send(
        slot->descriptor, client->request + slot->sent, client->request_bytes - slot->sent,
        MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN) {
      if (!slot->wants_writable) watch(client, slot, true, EPOLL_CTL_MOD);
      return;
    }
    if (sent < 0) return finish(client, slot, &client->totals.closed_early);
    slot->sent += (size_t)sent;
  }
  if (slot->wants_writable) watch(client, slot, false, EPOLL_CTL_MOD);
}

static bool open_connection(struct client *client, struct slot *slot) {
  slot->descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons((uint16_t)client->options.port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int on = 1;
  if (slot->descriptor < 0) return false;
  setsockopt(slot->descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  client->totals.connects++;
  if (connect(slot->descriptor, (struct sockaddr *)&address, sizeof address) == 0) {
    watch(client, slot, false, EPOLL_CTL_ADD);
    return true;
  }
  if (errno != EINPROGRESS) return false;
  slot->state = CONNECTING;
  watch(client, slot, true, EPOLL_CTL_ADD);
  return true;
}

static void start(struct client *client, struct slot *slot, uint64_t due) {
  busy_count++;
  client->totals.started++;
  slot->due = due;
  slot->sent = 0;
  slot->counted = due >= client->counted_from;
  response_reset(&slot->response);
  slot->reused = slot->state == IDLE;
  if (slot->state == CLOSED && !open_connection(client, slot))
    return finish(client, slot, &client->totals.connect_errors);
  if (slot->state == CONNECTING) return;
  slot->state = BUSY;
  if (slot->counted) histogram_add(&client->send_lag, now_nanoseconds() - due);
  send_more(client, slot);
}

static void connected(struct client *client, struct slot *slot) {
  int problem = 0;
  socklen_t count = sizeof problem;
  getsockopt(slot->descriptor, SOL_SOCKET, SO_ERROR, &problem, &count);
  if (problem) return finish(client, slot, &client->totals.connect_errors);
  slot->state = BUSY;
  send_more(client, slot);
}

static void take(struct client *client, struct slot *slot, const char *bytes, size_t count) {
  struct sink sink = {
      &client->chunk_delay, &client->chunk_gap, slot->counted, now_nanoseconds(),
      slot->last_content};
  struct response *response = &slot->response;
  int before = response->contents;
  response_take(response, bytes, count, &sink);
  slot->last_content = sink.last_content;
  if (slot->counted) client->totals.chunks += (uint64_t)(response->contents - before);
  if (before == 0 && response->contents) {
    if (slot->counted) histogram_add(&client->first_chunk, response->first_content - slot->due);
    if (client->options.hold) client->totals.holding++;
  }
  if (response->phase == DONE || response->phase == BROKEN)
    finish(client, slot, verdict(client, response));
}

static void readable(struct client *client, struct slot *slot) {
  static char buffer[READ_BYTES];
  while (slot->state == BUSY || slot->state == IDLE) {
    ssize_t got = recv(slot->descriptor, buffer, sizeof buffer, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got > 0 && slot->state == BUSY) {
      take(client, slot, buffer, (size_t)got);
      if ((size_t)got < sizeof buffer) return;
      continue;
    }
    if (slot->state == IDLE) return hang_up(slot);
    if (got == 0 && slot->response.phase == UNTIL_CLOSE) {
      slot->response.closes = true;
      return finish(client, slot, verdict(client, &slot->response));
    }
    bool begun = slot->response.status != 0;
    struct totals *totals = &client->totals;
    return finish(client, slot, begun ? &totals->truncated : &totals->closed_early);
  }
}

static uint64_t interval(struct client *client) {
  double mean = 1e9 / client->options.rate;
  if (!client->options.poisson) return (uint64_t)mean;
  return (uint64_t)(-log(1 - drand48()) * mean);
}

static bool may_start(const struct client *client, uint64_t now) {
  long limit = client->options.hold ? client->options.connections : client->options.requests;
  return now < client->end && (!limit || client->totals.started < (uint64_t)limit);
}

static void start_due(struct client *client, uint64_t now) {
  bool open_loop = client->options.rate > 0;
  // At most one round over the slots: what fails at once must not hold up the events.
  for (int i = 0; i < client->options.connections && free_slots; i++) {
    if (!may_start(client, now) || (open_loop && client->next_due > now)) return;
    struct slot *slot = free_slots;
    free_slots = slot->next_free;
    start(client, slot, open_loop ? client->next_due : now_nanoseconds());
    if (open_loop) client->next_due += interval(client);
  }
}

static void dispatch(struct client *client, struct epoll_event *event) {
  struct slot *slot = event->data.ptr;
  if (slot->state == CONNECTING) return connected(client, slot);
  if (slot->state == CLOSED) return;
  if ((event->events & EPOLLOUT) && slot->state == BUSY) send_more(client, slot);
  if (event->events & ~(uint32_t)EPOLLOUT) readable(client, slot);
}

void client_run(struct client *client) {
  struct options *options = &client->options;
  slots = calloc((size_t)options->connections, sizeof *slots);
  if (!slots) abort();
  for (int i = options->connections - 1; i >= 0; i--) {
    slots[i].descriptor = -1;
    release(&slots[i]);
  }
  client->start = client->next_due = now_nanoseconds();
  client->counted_from = client->start + (uint64_t)(options->warm_up_seconds * 1e9);
  double seconds = options->seconds > 0 ? options->seconds : 600;
  client->end = client->start + (uint64_t)(seconds * 1e9);
  uint64_t last = client->end + (uint64_t)(options->drain_seconds * 1e9);
  struct epoll_event events[EVENTS_MAX];
  for (;;) {
    uint64_t now = now_nanoseconds();
    start_due(client, now);
    bool more = may_start(client, now);
    if ((!more && !busy_count) || now >= last || (options->hold && now >= client->end)) break;
    uint64_t wake = last;
    if (more && options->rate > 0 && free_slots) wake = client->next_due;
    else if (more && free_slots) wake = now;
    else if (now < client->end) wake = client->end;
    struct timespec wait = sleep_until(wake, now_nanoseconds());
    int count = epoll_pwait2(client->epoll, events, EVENTS_MAX, &wait, NULL);
    for (int i = 0; i < count; i++) dispatch(client, &events[i]);
  }
  client->totals.unfinished = (uint64_t)busy_count;
  for (int i = 0; i < options->connections; i++) hang_up(&slots[i]);
}
