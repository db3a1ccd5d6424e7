// SPDX-License-Identifier: MIT
// One connection: requests in, scripted answers out. The states are those of `connection_state`.
#define _GNU_SOURCE
#include "upstream.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/clock.h"
#include "../common/tls.h"

enum { SENDS_PER_TURN = 64, CHUNK_BYTES_MAX = 1024 };

static int epoll_descriptor;
static struct connection *closed;
static uint64_t request_number;

static void interest(struct connection *connection, bool writable) {
  if (connection->wants_writable == writable) return;
  connection->wants_writable = writable;
  struct epoll_event event = {
      .events = EPOLLIN | EPOLLRDHUP | (writable ? EPOLLOUT : 0), .data.ptr = connection};
  epoll_ctl(epoll_descriptor, EPOLL_CTL_MOD, connection->descriptor, &event);
}

void connection_open(int epoll, int descriptor, struct listener *listener) {
  struct connection *connection = calloc(1, sizeof *connection);
  if (!connection) abort();
  epoll_descriptor = epoll;
  int on = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  connection->descriptor = descriptor;
  connection->listener = listener;
  connection->heap_index = -1;
  if (listener->defaults.tls && !(connection->tls = tls_open(descriptor, true))) abort();
  struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP, .data.ptr = connection};
  epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
  counters.connections++;
  counters.open++;
}

void connection_close(struct connection *connection, bool reset) {
  if (connection->descriptor < 0) return;
  if (reset) {
    struct linger linger = {1, 0};
    setsockopt(connection->descriptor, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
  }
  schedule_remove(connection);
  if (connection->tls) tls_close(connection->tls);
  connection->tls = NULL;
  close(connection->descriptor);
  connection->descriptor = -1;
  counters.open--;
  connection->next_closed = closed;
  closed = connection;
}

// Closed connections are freed after the whole batch of events, which may name them again.
void connection_free_closed(void) {
  while (closed) {
    struct connection *next = closed->next_closed;
    free(closed->input);
    free(closed->output);
    free(closed);
    closed = next;
  }
}

static char *room(struct connection *connection, size_t count) {
  size_t needed = connection->output_count + count;
  if (needed > connection->output_capacity) {
    connection->output_capacity = needed * 2;
    connection->output = realloc(connection->output, connection->output_capacity);
    if (!connection->output) abort();
  }
  return connection->output + connection->output_count;
}

static ssize_t write_some(struct connection *connection, const char *bytes, size_t count) {
  if (connection->tls) return tls_write(connection->tls, bytes, count);
  return send(connection->descriptor, bytes, count, MSG_NOSIGNAL);
}

static ssize_t read_some(struct connection *connection, char *bytes, size_t count) {
  if (connection->tls) return tls_read(connection->tls, bytes, count);
  return recv(connection->descriptor, bytes, count, 0);
}

// True: everything is with the kernel.
static bool flush(struct connection *connection) {
  while (connection->output_start < connection->output_count) {
    ssize_t sent = write_some(
        connection, connection->output + connection->output_start,
        connection->output_count - connection->output_start);
    if (sent < 0) {
      if (errno == EAGAIN) return interest(connection, true), false;
      counters.client_left++;
      connection_close(connection, false);
      return false;
    }
    connection->output_start += (size_t)sent;
  }
  connection->output_start = connection->output_count = 0;
  interest(connection, false);
  return true;
}

static void next_request(struct connection *connection);

static void answer_over(struct connection *connection) {
  memmove(
      connection->input, connection->input + connection->request_bytes,
      connection->input_count - connection->request_bytes);
  connection->input_count -= connection->request_bytes;
  connection->request_bytes = 0;
  connection->state = READING;
  connection->continue_sent = false;
  if (!connection->keep_alive) {
    if (connection->tls) return connection_close(connection, false);
    shutdown(connection->descriptor, SHUT_WR);
    connection->closing = true;
  }
}

// True: the fault ended or took over the connection.
static bool strike(struct connection *connection) {
  counters.faults++;
  switch (connection->scenario.fault) {
    case FAULT_RESET: return connection_close(connection, true), true;
    case FAULT_CLOSE: return connection_close(connection, false), true;
    case FAULT_HANG: return connection->state = HANGING, true;
    default: return false;
  }
}

static bool fault_at(const struct connection *connection, enum fault_place place) {
  enum fault_kind fault = connection->scenario.fault;
  return (fault == FAULT_RESET || fault == FAULT_CLOSE || fault == FAULT_HANG) &&
         connection->scenario.place == place;
}

static size_t single_answer(struct connection *connection, char *out, size_t capacity) {
  struct scenario *scenario = &connection->scenario;
  if (connection->is_health) return answer_health(out, capacity);
  if (!connection->chat) return answer_models(out, capacity);
  if (scenario->fault == FAULT_HTML)
    return answer_html(out, capacity, scenario->status == 200 ? 502 : scenario->status);
  if (scenario->fault == FAULT_ERROR_BODY || scenario->status != 200)
    return answer_error(out, capacity, connection);
  return answer_json(out, capacity, connection);
}

static void begin_answer(struct connection *connection) {
  if (fault_at(connection, FAULT_BEFORE) && strike(connection)) return;
  struct scenario *scenario = &connection->scenario;
  bool faulty = scenario->fault == FAULT_HTML || scenario->fault == FAULT_ERROR_BODY;
  if (!connection->streams || faulty || scenario->status != 200) {
    size_t capacity = 4096 + (size_t)scenario->pad_bytes;
    size_t count = single_answer(connection, room(connection, capacity), capacity);
    bool cut = fault_at(connection, FAULT_HEAD) || fault_at(connection, FAULT_MIDDLE);
    connection->output_count += cut ? count / 2 : count;
    bool written = flush(connection);
    if (connection->descriptor < 0) return;
    if (cut && strike(connection)) return;
    if (written) answer_over(connection);
    return;
  }
  counters.streams++;
  connection->state = STREAMING;
  connection->chunks_sent = 0;
  char *out = room(connection, 2 * CHUNK_BYTES_MAX);
  size_t count = stream_head(out, CHUNK_BYTES_MAX, connection);
  if (!fault_at(connection, FAULT_HEAD))
    count += stream_role(out + count, CHUNK_BYTES_MAX, connection);
  connection->output_count += count;
  flush(connection);
  if (connection->descriptor < 0) return;
  if (fault_at(connection, FAULT_HEAD) && strike(connection)) return;
  schedule_at(connection, now_nanoseconds() + scenario->delay_nanoseconds);
}

static void continue_stream(struct connection *connection) {
  struct scenario *scenario = &connection->scenario;
  int after = scenario->after >= 0 ? scenario->after : scenario->tokens / 2;
  bool faulty = fault_at(connection, FAULT_MIDDLE);
  for (int turn = 0; turn < SENDS_PER_TURN; turn++) {
    if (connection->output_count) return;  // resumed by connection_writable
    if (faulty && connection->chunks_sent >= after && strike(connection)) return;
    bool ends = connection->chunks_sent >= scenario->tokens;
    for (int i = 0; i < scenario->burst && connection->chunks_sent < scenario->tokens; i++) {
      char *out = room(connection, CHUNK_BYTES_MAX);
      connection->output_count += stream_content(out, CHUNK_BYTES_MAX, connection);
      connection->chunks_sent++;
      counters.chunks++;
    }
    if (ends) {
      char *out = room(connection, 4 * CHUNK_BYTES_MAX);
      connection->output_count += stream_end(out, 4 * CHUNK_BYTES_MAX, connection);
    }
    bool written = flush(connection);
    if (connection->descriptor < 0) return;
    if (ends) {
      connection->state = READING;
      if (written) answer_over(connection), next_request(connection);
      return;
    }
    bool pause = scenario->delay_nanoseconds && connection->chunks_sent < scenario->tokens;
    if (!written) return;
    // The pace is kept against the schedule, not against the moment of writing.
    if (pause) return schedule_at(connection, connection->due + scenario->delay_nanoseconds);
  }
  schedule_at(connection, now_nanoseconds());
}

void connection_due(struct connection *connection) {
  schedule_remove(connection);
  if (connection->state == WAITING) {
    begin_answer(connection);
    if (connection->descriptor >= 0 && connection->state == READING) next_request(connection);
  } else if (connection->state == STREAMING) {
    continue_stream(connection);
  }
}

void connection_writable(struct connection *connection) {
  if (!flush(connection)) return;
  if (connection->state == STREAMING && connection->heap_index < 0) {
    schedule_at(connection, now_nanoseconds() + connection->scenario.delay_nanoseconds);
  } else if (connection->request_bytes && connection->heap_index < 0 &&
             connection->state != HANGING) {
    answer_over(connection);
    next_request(connection);
  }
}

// A header's value within a head, or NULL. `name` includes the colon.
static const char *header(const char *head, size_t count, const char *name) {
  size_t name_count = strlen(name);
  const char *line = memchr(head, '\n', count);
  while (line && (size_t)(++line - head) + name_count < count) {
    if (strncasecmp(line, name, name_count) == 0) {
      line += name_count;
      while (*line == ' ') line++;
      return line;
    }
    line = memchr(line, '\n', count - (size_t)(line - head));
  }
  return NULL;
}

// Bytes of a chunked body with its end, 0 if it is not complete yet, SIZE_MAX if it is malformed.
static size_t chunked_bytes(const char *body, size_t count) {
  size_t at = 0;
  for (;;) {
    const char *line_end = memmem(body + at, count - at, "\r\n", 2);
    if (!line_end) return 0;
    char *number_end;
    size_t size = strtoul(body + at, &number_end, 16);
    if (number_end == body + at || size > BODY_BYTES_MAX) return SIZE_MAX;
    at = (size_t)(line_end - body) + 2 + size + 2;
    if (at > count) return 0;
    if (size == 0) return at;
  }
}

static void accept_request(
    struct connection *connection, const char *head, size_t head_bytes, size_t body_bytes) {
  const char *body = head + head_bytes;
  connection->request_bytes = head_bytes + body_bytes;
  connection->request_number = ++request_number;
  connection->chat = memcmp(head, "POST ", 5) == 0;
  connection->anthropic = strncmp(head, "POST /v1/messages", 17) == 0;
  connection->is_health = strncmp(head, "GET /health", 11) == 0;
  const char *line = header(head, head_bytes, "connection:");
  connection->keep_alive = !line || strncasecmp(line, "close", 5) != 0;
  connection->scenario = connection->listener->defaults;
  connection->streams = connection->usage_wanted = false;
  if (connection->chat) {
    scenario_from_body(&connection->scenario, body, body_bytes);
    connection->streams = memmem(body, body_bytes, "\"stream\":true", 13) ||
                          memmem(body, body_bytes, "\"stream\": true", 14);
    connection->usage_wanted = memmem(body, body_bytes, "\"include_usage\"", 15) != NULL;
  }
  counters.requests++;
  connection->state = WAITING;
  uint64_t latency = connection->scenario.latency_nanoseconds;
  if (latency) schedule_at(connection, now_nanoseconds() + latency);
  else begin_answer(connection);
}

static void reject(struct connection *connection) {
  counters.bad++;
  connection_close(connection, false);
}

// Answers every complete request in the input buffer, one after the other.
static void next_request(struct connection *connection) {
  while (connection->descriptor >= 0 && connection->state == READING && !connection->closing &&
         connection->input_count && !connection->request_bytes) {
    const char *head = connection->input;
    const char *head_end = memmem(head, connection->input_count, "\r\n\r\n", 4);
    if (!head_end) {
      if (connection->input_count > HEAD_BYTES_MAX) reject(connection);
      return;
    }
    size_t head_bytes = (size_t)(head_end - head) + 4, body_bytes = 0;
    size_t there = connection->input_count - head_bytes;
    const char *length = header(head, head_bytes, "content-length:");
    if (length) {
      body_bytes = strtoul(length, NULL, 10);
      if (body_bytes > BODY_BYTES_MAX) return reject(connection);
    } else if (header(head, head_bytes, "transfer-encoding:")) {
      body_bytes = chunked_bytes(head + head_bytes, there);
      if (body_bytes == SIZE_MAX) return reject(connection);
      if (!body_bytes) there = 0, body_bytes = 1;
    }
    if (there < body_bytes) {
      if (header(head, head_bytes, "expect:") && !connection->continue_sent) {
        static const char interim[] = "HTTP/1.1 100 Continue\r\n\r\n";
        connection->continue_sent = true;
        memcpy(room(connection, sizeof interim), interim, sizeof interim - 1);
        connection->output_count += sizeof interim - 1;
        flush(connection);
      }
      return;
    }
    accept_request(connection, head, head_bytes, body_bytes);
  }
}

void connection_readable(struct connection *connection) {
  for (;;) {
    if (connection->input_count == connection->input_capacity) {
      size_t capacity = connection->input_capacity ? 2 * connection->input_capacity : 8192;
      if (capacity > 2 * (size_t)BODY_BYTES_MAX) return reject(connection);
      connection->input = realloc(connection->input, capacity);
      if (!connection->input) abort();
      connection->input_capacity = capacity;
    }
    size_t space = connection->input_capacity - connection->input_count;
    ssize_t got = read_some(connection, connection->input + connection->input_count, space);
    if (got < 0 && errno == EAGAIN) break;
    if (got <= 0) {
      if (connection->state != READING) counters.client_left++;
      return connection_close(connection, false);
    }
    connection->input_count += (size_t)got;
    // Of TLS, a record is read at a time; the next one may be decrypted already.
    if ((size_t)got < space && !connection->tls) break;
  }
  next_request(connection);
}
