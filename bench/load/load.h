// SPDX-License-Identifier: MIT
// A load client for an OpenAI-shaped server: one thread, one epoll set, loopback only.
//
// options.c     the command line and the request's bytes
// histogram.c   latencies, to within 0.025 %, in fixed memory
// response.c    an HTTP/1.1 response and the SSE events in it
// client.c      connections, and when each sends its next request
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
  bool poisson, stream, hold;
  const char *bearer, *model, *script, *path, *body_file;
};

struct histogram {
  uint64_t count, total, largest;
  uint32_t slots[HISTOGRAM_SLOTS];
};

void histogram_add(struct histogram *histogram, uint64_t nanoseconds);
// Microseconds at `share` (0 to 1) of the samples.
double histogram_at(const struct histogram *histogram, double share);
void histogram_print(const struct histogram *histogram, const char *name);

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

struct sink {
  struct histogram *chunk_delay, *chunk_gap;
  bool counted;
  uint64_t now, last_content;
};

void response_reset(struct response *response);
// Takes `count` bytes. Afterwards `phase` says whether the response is over.
void response_take(struct response *response, const char *bytes, size_t count, struct sink *sink);

struct totals {
  uint64_t started, completed, succeeded, bad_status, truncated, connect_errors, closed_early;
  uint64_t connects, chunks, bytes, unfinished, errors_in_stream, holding;
  uint64_t first_counted, last_counted;
};

struct client {
  struct options options;
  const char *request;
  size_t request_bytes;
  int epoll;
  uint64_t start, counted_from, end, next_due;
  struct totals totals;
  struct histogram latency, first_chunk, chunk_delay, chunk_gap, send_lag;
};

bool options_read(struct options *options, int count, char **arguments);
char *options_request(const struct options *options, size_t *count);
void client_run(struct client *client);

#endif
