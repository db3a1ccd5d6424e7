// SPDX-License-Identifier: MIT
// One HTTP/1.1 response, bytes in, and the SSE events in its body.
#define _GNU_SOURCE
#include "load.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

void response_reset(struct response *response) {
  memset(response, 0, offsetof(struct response, line));
}

static const char *header(const char *head, const char *name) {
  const char *found = strcasestr(head, name);
  if (!found) return NULL;
  found += strlen(name);
  while (*found == ' ') found++;
  return found;
}

static void head_complete(struct response *response) {
  const char *head = response->line;
  response->status = atoi(head + 9);
  const char *connection = header(head, "\r\nconnection:");
  response->closes = connection && strncasecmp(connection, "close", 5) == 0;
  const char *type = header(head, "\r\ncontent-type:");
  response->is_stream = type && strncasecmp(type, "text/event-stream", 17) == 0;
  const char *length = header(head, "\r\ncontent-length:");
  const char *coding = header(head, "\r\ntransfer-encoding:");
  if (response->status < 200) {
    response->phase = IN_HEAD;
  } else if (coding && strncasecmp(coding, "chunked", 7) == 0) {
    response->phase = IN_CHUNK_SIZE;
  } else if (length) {
    response->left = strtoull(length, NULL, 10);
    response->phase = response->left ? IN_LENGTH : DONE;
  } else {
    response->phase = response->status == 204 || response->status == 304 ? DONE : UNTIL_CLOSE;
  }
  response->line_count = 0;
}

// The stamp the upstream wrote into a content token, 0 if there is none.
static uint64_t stamp_in(const char *line) {
  const char *mark = strstr(line, "\" @");
  return mark ? strtoull(mark + 3, NULL, 16) : 0;
}

static void event_line(struct response *response, struct sink *sink) {
  char *line = response->line;
  if (strncmp(line, "data:", 5) != 0) return;
  line += line[5] == ' ' ? 6 : 5;
  if (strcmp(line, "[DONE]") == 0 || strcmp(line, "{\"type\":\"message_stop\"}") == 0) {
    response->done_seen = true;
    return;
  }
  if (strncmp(line, "{\"error\"", 8) == 0 || strncmp(line, "{\"type\":\"error\"", 15) == 0)
    response->error_seen = true;
  uint64_t stamp = stamp_in(line);
  if (!stamp) return;
  response->contents++;
  if (response->contents == 1) response->first_content = sink->now;
  uint64_t delay = sink->now > stamp ? sink->now - stamp : 0, before = sink->last_delay;
  if (sink->counted) {
    histogram_add(sink->chunk_delay, delay);
    if (response->contents > 1) {
      histogram_add(sink->chunk_gap, sink->now - sink->last_content);
      histogram_add(sink->jitter, delay > before ? delay - before : before - delay);
    }
  }
  sink->last_content = sink->now;
  sink->last_delay = delay;
}

static void body_bytes(
    struct response *response, const char *bytes, size_t count, struct sink *sink) {
  response->body_bytes += count;
  response->last_byte = bytes[count - 1];
  if (!response->is_stream) return;
  while (count) {
    const char *newline = memchr(bytes, '\n', count);
    size_t part = newline ? (size_t)(newline - bytes) : count;
    if (response->line_count + part >= LINE_BYTES_MAX) {
      response->phase = BROKEN;
      return;
    }
    memcpy(response->line + response->line_count, bytes, part);
    response->line_count += part;
    if (!newline) return;
    if (response->line_count && response->line[response->line_count - 1] == '\r')
      response->line_count--;
    response->line[response->line_count] = 0;
    response->line_count = 0;
    event_line(response, sink);
    bytes += part + 1;
    count -= part + 1;
  }
}

static size_t take_head(struct response *response, const char *bytes, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (response->line_count + 1 >= HEAD_BYTES_MAX) return response->phase = BROKEN, count;
    response->line[response->line_count++] = bytes[i];
    if (bytes[i] == '\n' && response->line_count >= 4 &&
        memcmp(response->line + response->line_count - 4, "\r\n\r\n", 4) == 0) {
      response->line[response->line_count] = 0;
      head_complete(response);
      return i + 1;
    }
  }
  return count;
}

// Sizes and trailers are read a byte at a time; `left` collects the size, `line` stays the event's.
static size_t take_chunk_size(struct response *response, const char *bytes, size_t count) {
  for (size_t i = 0; i < count; i++) {
    char byte = bytes[i];
    int digit = byte >= '0' && byte <= '9' ? byte - '0'
                : byte >= 'a' && byte <= 'f' ? byte - 'a' + 10
                : byte >= 'A' && byte <= 'F' ? byte - 'A' + 10 : -1;
    if (digit >= 0) {
      response->left = response->left * 16 + (unsigned)digit;
    } else if (byte == '\n') {
      response->phase = response->left ? IN_CHUNK : IN_TRAILER;
      if (response->left) response->left += 2;  // the CRLF after the data
      return i + 1;
    }
  }
  return count;
}

static size_t take_chunk(
    struct response *response, const char *bytes, size_t count, struct sink *sink) {
  size_t part = count < response->left ? count : (size_t)response->left;
  size_t data = response->left > 2 ? (size_t)response->left - 2 : 0;
  if (data > part) data = part;
  if (data) body_bytes(response, bytes, data, sink);
  response->left -= part;
  if (response->left == 0 && response->phase == IN_CHUNK) response->phase = IN_CHUNK_SIZE;
  return part;
}

void response_take(struct response *response, const char *bytes, size_t count, struct sink *sink) {
  while (count && response->phase != DONE && response->phase != BROKEN) {
    size_t taken = count;
    switch (response->phase) {
      case IN_HEAD: taken = take_head(response, bytes, count); break;
      case IN_CHUNK_SIZE: taken = take_chunk_size(response, bytes, count); break;
      case IN_CHUNK: taken = take_chunk(response, bytes, count, sink); break;
      case IN_TRAILER: {
        const char *newline = memchr(bytes, '\n', count);
        if (newline) taken = (size_t)(newline - bytes) + 1, response->phase = DONE;
        break;
      }
      case IN_LENGTH:
        taken = count < response->left ? count : (size_t)response->left;
        body_bytes(response, bytes, taken, sink);
        response->left -= taken;
        if (!response->left && response->phase == IN_LENGTH) response->phase = DONE;
        break;
      default: body_bytes(response, bytes, count, sink); break;
    }
    bytes += taken;
    count -= taken;
  }
}
