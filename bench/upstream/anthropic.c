// SPDX-License-Identifier: MIT
// Answers of Anthropic's Messages API, version 2023-06-01: each event with its name, one HTTP chunk
// to an event.
#define _GNU_SOURCE
#include "upstream.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../common/clock.h"

#define MODEL "claude-sonnet-4-5-20250929"

size_t anthropic_json(char *out, size_t capacity, const struct connection *connection) {
  char body[768];
  int count = snprintf(
      body, sizeof body,
      "{\"id\":\"msg_bench%012llx\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"" MODEL
      "\",\"content\":[{\"type\":\"text\",\"text\":\"A reverse proxy keeps a pool of connections "
      "open and hands each request to an idle one.\"}],\"stop_reason\":\"end_turn\","
      "\"stop_sequence\":null,\"usage\":{\"input_tokens\":30,\"cache_creation_input_tokens\":0,"
      "\"cache_read_input_tokens\":0,\"output_tokens\":20}}",
      (unsigned long long)connection->request_number);
  return answer_whole(out, capacity, 200, "application/json", body, (size_t)count, "");
}

// One SSE event as one HTTP chunk; `data` is a JSON object.
__attribute__((format(printf, 4, 5))) static size_t event(
    char *out, size_t capacity, const char *name, const char *format, ...) {
  char data[768];
  va_list arguments;
  va_start(arguments, format);
  int count = vsnprintf(data, sizeof data, format, arguments);
  va_end(arguments);
  int text = count + (int)strlen(name) + 16;  // with "event: ", "\ndata: " and "\n\n"
  int written = snprintf(out, capacity, "%x\r\nevent: %s\ndata: %s\n\n\r\n", text, name, data);
  return written < 0 || (size_t)written >= capacity ? 0 : (size_t)written;
}

size_t anthropic_start(char *out, size_t capacity, const struct connection *connection) {
  size_t count = event(
      out, capacity, "message_start",
      "{\"type\":\"message_start\",\"message\":{\"id\":\"msg_bench%012llx\",\"type\":\"message\","
      "\"role\":\"assistant\",\"model\":\"" MODEL "\",\"content\":[],\"stop_reason\":null,"
      "\"stop_sequence\":null,\"usage\":{\"input_tokens\":30,\"cache_creation_input_tokens\":0,"
      "\"cache_read_input_tokens\":0,\"output_tokens\":1}}}",
      (unsigned long long)connection->request_number);
  return count + event(
                     out + count, capacity - count, "content_block_start",
                     "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":"
                     "\"text\",\"text\":\"\"}}");
}

size_t anthropic_content(char *out, size_t capacity) {
  return event(
      out, capacity, "content_block_delta",
      "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":"
      "\" @%016llx\"}}",
      (unsigned long long)now_nanoseconds());
}

size_t anthropic_end(char *out, size_t capacity, const struct connection *connection) {
  size_t count = event(
      out, capacity, "content_block_stop", "{\"type\":\"content_block_stop\",\"index\":0}");
  count += event(
      out + count, capacity - count, "message_delta",
      "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},"
      "\"usage\":{\"output_tokens\":%d}}",
      connection->scenario.tokens);
  count += event(out + count, capacity - count, "message_stop", "{\"type\":\"message_stop\"}");
  static const char last[] = "0\r\n\r\n";
  memcpy(out + count, last, sizeof last - 1);
  return count + sizeof last - 1;
}
