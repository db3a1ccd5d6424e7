// SPDX-License-Identifier: MIT
// Pacing. In the closed loop each slot sends again as soon as it is answered; in the open loop
// requests are due at fixed or Poisson times, and latency counts from the moment a request was DUE,
// so that a slow server cannot slow the questions down.
#define _GNU_SOURCE
#include "load.h"

#include <math.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "../common/clock.h"

enum { EVENTS_MAX = 256 };

static struct slot *slots, *free_slots;
static int busy_count;

static void release(struct slot *slot) {
  slot->next_free = free_slots;
  free_slots = slot;
}

static bool holds(const struct client *client) {
  return client->options.hold || client->options.steady;
}

void client_finish(struct client *client, struct slot *slot, uint64_t *failure) {
  uint64_t now = now_nanoseconds();
  busy_count--;
  client->totals.completed++;
  if (slot->response.is_stream && slot->response.contents && holds(client))
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
  if (failure || slot->response.closes || client->options.once || slot->descriptor < 0)
    connection_close(slot);
  else
    slot->state = IDLE;
  release(slot);
}

uint64_t *client_verdict(struct client *client, const struct response *response) {
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

void client_take(struct client *client, struct slot *slot, const char *bytes, size_t count) {
  uint64_t now = now_nanoseconds();
  bool counted = client->options.steady ? now >= client->counted_from && now < client->end
                                        : slot->counted;
  struct sink sink = {
      &client->chunk_delay, &client->chunk_gap, &client->jitter, counted, now,
      slot->last_content, slot->last_delay};
  struct response *response = &slot->response;
  int before = response->contents;
  response_take(response, bytes, count, &sink);
  slot->last_content = sink.last_content;
  slot->last_delay = sink.last_delay;
  client->totals.all_chunks += (uint64_t)(response->contents - before);
  if (counted) client->totals.chunks += (uint64_t)(response->contents - before);
  if (before == 0 && response->contents) {
    uint64_t due = slot->due + (uint64_t)(client->options.first_after_milliseconds * 1e6);
    uint64_t first = response->first_content;
    if (slot->counted) histogram_add(&client->first_chunk, first > due ? first - due : 0);
    if (holds(client)) client->totals.holding++;
  }
  if (response->phase == DONE || response->phase == BROKEN)
    client_finish(client, slot, client_verdict(client, response));
}

static void start(struct client *client, struct slot *slot, uint64_t due) {
  busy_count++;
  client->totals.started++;
  slot->due = due;
  slot->sent = 0;
  slot->counted = due >= client->counted_from;
  response_reset(&slot->response);
  if (client->options.streams_per_connection) http2_start(client, slot, (int)(slot - slots));
  else connection_start(client, slot);
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

static void loop(struct client *client) {
  struct options *options = &client->options;
  bool leaves = options->hold || options->steady;
  uint64_t last = client->end + (uint64_t)(options->drain_seconds * 1e9);
  struct epoll_event events[EVENTS_MAX];
  for (;;) {
    uint64_t now = now_nanoseconds();
    start_due(client, now);
    bool more = may_start(client, now);
    if ((!more && !busy_count) || now >= last || (leaves && now >= client->end)) return;
    uint64_t wake = last;
    if (more && options->rate > 0 && free_slots) wake = client->next_due;
    else if (more && free_slots) wake = now;
    else if (now < client->end) wake = client->end;
    struct timespec wait = sleep_until(wake, now_nanoseconds());
    int count = epoll_pwait2(client->epoll, events, EVENTS_MAX, &wait, NULL);
    for (int i = 0; i < count; i++) {
      if (!http2_event(client, events[i].data.ptr, events[i].events))
        connection_event(client, events[i].data.ptr, events[i].events);
    }
  }
}

void client_run(struct client *client) {
  struct options *options = &client->options;
  slots = calloc((size_t)options->connections, sizeof *slots);
  if (!slots) abort();
  for (int i = options->connections - 1; i >= 0; i--) {
    slots[i].descriptor = -1;
    release(&slots[i]);
  }
  if (options->streams_per_connection) http2_prepare(client, slots);
  client->start = client->next_due = now_nanoseconds();
  client->counted_from = client->start + (uint64_t)(options->warm_up_seconds * 1e9);
  double seconds = options->seconds > 0 ? options->seconds : 600;
  client->end = client->start + (uint64_t)(seconds * 1e9);
  loop(client);
  client->totals.unfinished = (uint64_t)busy_count;
  for (int i = 0; i < options->connections; i++) connection_close(&slots[i]);
  http2_stop();
}
