// SPDX-License-Identifier: MIT
// A load client for an OpenAI-shaped server: one thread, one epoll set, loopback only.
//
// options.c     the command line and the request's bytes
// histogram.c   latencies, to within 0.025 %, in fixed memory
// response.c    an HTTP/1.1 response and the SSE events in it
// client.c      when each slot sends its next request, and what became of it
// connection.c  a slot's own connection: HTTP/1.1, with or without TLS
// http2.c       connections that many slots share: HTTP/2 without TLS, by prior knowledge
// main.c        the loop and the report
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  READ_BYTES = 32 * 1024,
  HEAD_BYTES_MAX = 16 * 1024,
  LINE_BYTES_MAX = 16 * 1024,
  CONNECTIONS_MAX = 20000,
  HISTOGRAM_SLOTS = 64 * 4096,
};

struct options {
  int port, connections, tokens, body_bytes;
  long requests;       // in all; 0: no limit but time
  double seconds, warm_up_seconds, drain_seconds;
  double rate;         // requests per second; 0: closed loop
  double first_after_milliseconds;  // what the upstream waits by itself; not counted as latency
  bool poisson, stream, hold;
  bool steady;         // streams are counted from the warm-up to `seconds`, then all left
  bool once;           // a new connection for each request
  bool anthropic;      // Anthropic's API instead of OpenAI's
  bool distribution;   // print the whole distribution of each figure
  int streams_per_connection;  // HTTP/2; 0: HTTP/1.1
  const char *bearer, *model, *script, *path, *body_file, *trusted;
};

struct histogram {
  uint64_t count, total, largest;
  uint32_t slots[HISTOGRAM_SLOTS];
};

void histogram_add(struct histogram *histogram, uint64_t nanoseconds);
// Microseconds at `share` (0 to 1) of the samples.
double histogram_at(const struct histogram *histogram, double share);
void histogram_print(const struct histogram *histogram, const char *name, bool distribution);

enum response_phase {
  IN_HEAD,        // → any other phase at the blank line
  IN_LENGTH,      // → DONE after `left` bytes
  IN_CHUNK_SIZE,  // ⇄ IN_CHUNK; → IN_TRAILER after the last size
  IN_CHUNK,
  IN_TRAILER,     // → DONE at a blank line
  UNTIL_CLOSE,
  DONE,
  BROKEN,
};

struct response {
  enum response_phase phase;
  int status;
  bool closes, is_stream;
  uint64_t left;
  size_t body_bytes;
  char last_byte;
  // SSE
  int contents;
  bool done_seen, error_seen;
  uint64_t first_content;
  size_t line_count;
  char line[LINE_BYTES_MAX];
};

// The jitter of a chunk is how far its one-way delay differs from that of the chunk before it: by
// so much the pause between the two has grown or shrunk on the way.
struct sink {
  struct histogram *chunk_delay, *chunk_gap, *jitter;
  bool counted;
  uint64_t now, last_content, last_delay;
};

void response_reset(struct response *response);
// Takes `count` bytes. Afterwards `phase` says whether the response is over.
void response_take(struct response *response, const char *bytes, size_t count, struct sink *sink);

struct totals {
  uint64_t started, completed, succeeded, bad_status, truncated, connect_errors, closed_early;
  uint64_t connects, chunks, all_chunks, bytes, unfinished, errors_in_stream, holding;
  uint64_t first_counted, last_counted;
};

enum slot_state { CLOSED, CONNECTING, IDLE, BUSY };

// One request at a time.
struct slot {
  int descriptor;
  enum slot_state state;
  bool counted, wants_writable;
  size_t sent;
  uint64_t due, last_content, last_delay;
  struct ssl_st *tls;
  struct response response;
  struct slot *next_free;
};

struct client {
  struct options options;
  const char *request, *body;  // `body` is the end of `request`
  size_t request_bytes, body_bytes;
  int epoll;
  uint64_t start, counted_from, end, next_due;
  struct totals totals;
  struct histogram latency, first_chunk, chunk_delay, chunk_gap, jitter, send_lag;
};

bool options_read(struct options *options, int count, char **arguments);
// The request's bytes; `body_count` is how many of them, at the end, are the body.
char *options_request(const struct options *options, size_t *count, size_t *body_count);

// client.c
void client_run(struct client *client);
// The request in flight is over; `failure` (if any) is the counter it goes to.
void client_finish(struct client *client, struct slot *slot, uint64_t *failure);
// Bytes of the answer; finishes the request when it is over.
void client_take(struct client *client, struct slot *slot, const char *bytes, size_t count);
uint64_t *client_verdict(struct client *client, const struct response *response);

// connection.c
void connection_start(struct client *client, struct slot *slot);
void connection_event(struct client *client, struct slot *slot, uint32_t events);
void connection_close(struct slot *slot);
int connection_socket(const struct client *client);

// http2.c
void http2_prepare(struct client *client, struct slot *slots);
void http2_start(struct client *client, struct slot *slot, int index);
// False: `pointer` is none of its connections.
bool http2_event(struct client *client, void *pointer, uint32_t events);
void http2_stop(void);

#endif
