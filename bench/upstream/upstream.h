// SPDX-License-Identifier: MIT
// A scripted upstream with OpenAI's and Anthropic's API: one thread, one epoll set, loopback only.
//
// connection.c  reads requests and writes answers, one connection at a time
// answer.c      what an answer consists of: JSON, SSE chunks, error bodies
// anthropic.c   the same in Anthropic's API, for requests to /v1/messages
// scenario.c    the script of one request: latency, pacing, faults
// schedule.c    a binary heap of due times
// main.c        listeners and the loop
#ifndef BENCH_UPSTREAM_H
#define BENCH_UPSTREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  HEAD_BYTES_MAX = 64 * 1024,
  BODY_BYTES_MAX = 8 * 1024 * 1024,
  OUTPUT_BYTES_MAX = 1024 * 1024,
  LISTENERS_MAX = 16,
  TOKENS_MAX = 1000000,
};

// Where a fault strikes. `FAULT_MIDDLE` means after `after` content chunks.
enum fault_place { FAULT_BEFORE, FAULT_HEAD, FAULT_MIDDLE };

enum fault_kind {
  FAULT_NONE,
  FAULT_RESET,       // RST
  FAULT_CLOSE,       // FIN, the answer unfinished
  FAULT_HANG,        // silence, the connection left open
  FAULT_HTML,        // an HTML error page with status `status` or 502
  FAULT_ERROR_BODY,  // status 200 with an OpenAI error object
};

struct scenario {
  uint64_t latency_nanoseconds;  // between the end of the request and the first byte
  uint64_t delay_nanoseconds;    // before each content chunk
  int tokens;                    // content chunks of a stream
  int burst;                     // content chunks written per delay
  int status;                    // other than 200: an OpenAI error object
  int pad_bytes;                 // added to the content of a JSON answer
  int after;
  bool tls;  // of a port: its connections are encrypted
  enum fault_kind fault;
  enum fault_place place;
};

// Reads `key=value,key=value` into `scenario`; unknown keys are ignored. False: a value is bad.
bool scenario_read(struct scenario *scenario, const char *text, size_t count);
// Finds a JSON string that starts with `bench:` in a request body and reads the rest of it.
void scenario_from_body(struct scenario *scenario, const char *body, size_t count);
struct scenario scenario_default(void);

enum connection_state {
  READING,    // → WAITING when a whole request is there
  WAITING,    // → STREAMING, or READING when a JSON answer is written
  STREAMING,  // → READING after the last chunk
  HANGING,    // → closed only by the peer
};

struct listener {
  int descriptor;
  int port;
  struct scenario defaults;
};

struct connection {
  int descriptor;
  struct ssl_st *tls;  // NULL: not encrypted
  enum connection_state state;
  struct listener *listener;
  char *input;
  size_t input_count, input_capacity;
  size_t request_bytes;  // of the request being answered: head and body
  char *output;
  size_t output_start, output_count, output_capacity;
  bool wants_writable, keep_alive, chat, anthropic, streams, usage_wanted, is_health, closing;
  bool continue_sent;
  struct scenario scenario;
  int chunks_sent;
  uint64_t request_number;
  uint64_t due;
  int heap_index;  // -1: not scheduled
  struct connection *next_closed;
};

// schedule.c
void schedule_at(struct connection *connection, uint64_t due);
void schedule_remove(struct connection *connection);
struct connection *schedule_first(void);

// answer.c; each returns the bytes written to `out` (which holds `capacity`).
size_t answer_json(char *out, size_t capacity, const struct connection *connection);
size_t answer_error(char *out, size_t capacity, const struct connection *connection);
size_t answer_html(char *out, size_t capacity, int status);
size_t answer_health(char *out, size_t capacity);
size_t answer_models(char *out, size_t capacity);
size_t stream_head(char *out, size_t capacity, const struct connection *connection);
size_t stream_role(char *out, size_t capacity, const struct connection *connection);
size_t stream_content(char *out, size_t capacity, const struct connection *connection);
size_t stream_end(char *out, size_t capacity, const struct connection *connection);

// One answer with a head of its own.
size_t answer_whole(
    char *out, size_t capacity, int status, const char *type, const char *body, size_t count,
    const char *more);

// anthropic.c
size_t anthropic_json(char *out, size_t capacity, const struct connection *connection);
size_t anthropic_start(char *out, size_t capacity, const struct connection *connection);
size_t anthropic_content(char *out, size_t capacity);
size_t anthropic_end(char *out, size_t capacity, const struct connection *connection);

// connection.c
void connection_open(int epoll, int descriptor, struct listener *listener);
void connection_readable(struct connection *connection);
void connection_writable(struct connection *connection);
void connection_due(struct connection *connection);
void connection_close(struct connection *connection, bool reset);
void connection_free_closed(void);

struct counters {
  uint64_t connections, open, requests, streams, chunks, faults, client_left, bad;
};
extern struct counters counters;

#endif
