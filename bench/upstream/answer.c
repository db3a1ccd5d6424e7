// SPDX-License-Identifier: MIT
// The bytes of each answer. Content tokens carry the moment they were written (16 hexadecimal
// digits of nanoseconds after `@`), so that a client on the same machine takes a one-way delay.
#define _GNU_SOURCE
#include "upstream.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../common/clock.h"

// What OpenAI sends along, so that every proxy has an ordinary head to parse and to pass on.
static const char provider_headers[] =
    "openai-organization: org-bench\r\n"
    "openai-processing-ms: 12\r\n"
    "openai-version: 2020-10-01\r\n"
    "x-ratelimit-limit-requests: 10000\r\n"
    "x-ratelimit-remaining-requests: 9999\r\n"
    "x-ratelimit-limit-tokens: 2000000\r\n"
    "x-ratelimit-remaining-tokens: 1999000\r\n"
    "x-request-id: req_bench\r\n";

static const char *reason(int status) {
  switch (status) {
    case 200: return "OK";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 404: return "Not Found";
    case 429: return "Too Many Requests";
    case 500: return "Internal Server Error";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    default: return "Status";
  }
}

size_t answer_whole(
    char *out, size_t capacity, int status, const char *type, const char *body, size_t count,
    const char *more) {
  int head = snprintf(
      out, capacity,
      "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n%s"
      "Server: bench-upstream\r\n\r\n",
      status, reason(status), type, count, more);
  if (head < 0 || (size_t)head + count > capacity) return 0;
  memcpy(out + head, body, count);
  return (size_t)head + count;
}

size_t answer_json(char *out, size_t capacity, const struct connection *connection) {
  if (connection->anthropic) return anthropic_json(out, capacity, connection);
  static char body[768 * 1024];
  int pad = connection->scenario.pad_bytes;
  int start = snprintf(
      body, sizeof body,
      "{\"id\":\"chatcmpl-bench%012llx\",\"object\":\"chat.completion\",\"created\":1750000000,"
      "\"model\":\"gpt-4o-mini-2024-07-18\",\"choices\":[{\"index\":0,\"message\":{"
      "\"role\":\"assistant\",\"content\":\"A reverse proxy keeps a pool of connections open and "
      "hands each request to an idle one.",
      (unsigned long long)connection->request_number);
  memset(body + start, 'x', (size_t)pad);
  int end = snprintf(
      body + start + pad, sizeof body - (size_t)(start + pad),
      "\",\"refusal\":null,\"annotations\":[]},\"logprobs\":null,\"finish_reason\":\"stop\"}],"
      "\"usage\":{\"prompt_tokens\":30,\"completion_tokens\":20,\"total_tokens\":50,"
      "\"prompt_tokens_details\":{\"cached_tokens\":0,\"audio_tokens\":0},"
      "\"completion_tokens_details\":{\"reasoning_tokens\":0,\"audio_tokens\":0}},"
      "\"service_tier\":\"default\",\"system_fingerprint\":\"fp_bench\"}");
  return answer_whole(
      out, capacity, 200, "application/json", body, (size_t)(start + pad + end),
      provider_headers);
}

size_t answer_error(char *out, size_t capacity, const struct connection *connection) {
  char body[256];
  int count = snprintf(
      body, sizeof body,
      "{\"error\":{\"message\":\"scripted failure\",\"type\":\"%s\",\"param\":null,\"code\":null}}",
      connection->scenario.status == 429 ? "rate_limit_exceeded" : "server_error");
  int status = connection->scenario.status;
  return answer_whole(
      out, capacity, status, "application/json", body, (size_t)count,
      status == 429 ? "retry-after: 1\r\n" : "");
}

size_t answer_html(char *out, size_t capacity, int status) {
  static const char page[] =
      "<html><head><title>502</title></head><body>Bad gateway</body></html>\n";
  return answer_whole(out, capacity, status, "text/html", page, sizeof page - 1, "");
}

size_t answer_health(char *out, size_t capacity) {
  char body[512];
  int count = snprintf(
      body, sizeof body,
      "{\"connections\":%llu,\"open\":%llu,\"requests\":%llu,\"streams\":%llu,\"chunks\":%llu,"
      "\"faults\":%llu,\"client_left\":%llu,\"bad\":%llu}",
      (unsigned long long)counters.connections, (unsigned long long)counters.open,
      (unsigned long long)counters.requests, (unsigned long long)counters.streams,
      (unsigned long long)counters.chunks, (unsigned long long)counters.faults,
      (unsigned long long)counters.client_left, (unsigned long long)counters.bad);
  return answer_whole(out, capacity, 200, "application/json", body, (size_t)count, "");
}

size_t answer_models(char *out, size_t capacity) {
  static const char body[] =
      "{\"object\":\"list\",\"data\":[{\"id\":\"gpt-4o-mini\",\"object\":\"model\","
      "\"created\":1721172741,\"owned_by\":\"system\"}]}";
  return answer_whole(out, capacity, 200, "application/json", body, sizeof body - 1, "");
}

size_t stream_head(char *out, size_t capacity, const struct connection *connection) {
  (void)connection;
  int count = snprintf(
      out, capacity,
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n"
      "Cache-Control: no-cache\r\nTransfer-Encoding: chunked\r\nServer: bench-upstream\r\n%s\r\n",
      provider_headers);
  return count < 0 ? 0 : (size_t)count;
}

// One SSE event as one HTTP chunk.
__attribute__((format(printf, 4, 5))) static size_t event(
    char *out, size_t capacity, const struct connection *connection, const char *format, ...) {
  char data[768];
  int count = snprintf(
      data, sizeof data,
      "data: {\"id\":\"chatcmpl-bench%012llx\",\"object\":\"chat.completion.chunk\","
      "\"created\":1750000000,\"model\":\"gpt-4o-mini-2024-07-18\",\"service_tier\":\"default\","
      "\"system_fingerprint\":\"fp_bench\",",
      (unsigned long long)connection->request_number);
  va_list arguments;
  va_start(arguments, format);
  count += vsnprintf(data + count, sizeof data - (size_t)count, format, arguments);
  va_end(arguments);
  int written = snprintf(out, capacity, "%x\r\n%s}\n\n\r\n", count + 3, data);
  return written < 0 || (size_t)written >= capacity ? 0 : (size_t)written;
}

// Providers send `"usage":null` on every chunk before the last once usage was asked for.
static const char *usage_null(const struct connection *connection) {
  return connection->usage_wanted ? ",\"usage\":null" : "";
}

size_t stream_role(char *out, size_t capacity, const struct connection *connection) {
  if (connection->anthropic) return anthropic_start(out, capacity, connection);
  return event(
      out, capacity, connection,
      "\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\","
      "\"refusal\":null},\"logprobs\":null,\"finish_reason\":null}]%s",
      usage_null(connection));
}

size_t stream_content(char *out, size_t capacity, const struct connection *connection) {
  if (connection->anthropic) return anthropic_content(out, capacity);
  return event(
      out, capacity, connection,
      "\"choices\":[{\"index\":0,\"delta\":{\"content\":\" @%016llx\"},\"logprobs\":null,"
      "\"finish_reason\":null}]%s",
      (unsigned long long)now_nanoseconds(), usage_null(connection));
}

size_t stream_end(char *out, size_t capacity, const struct connection *connection) {
  if (connection->anthropic) return anthropic_end(out, capacity, connection);
  size_t count = event(
      out, capacity, connection,
      "\"choices\":[{\"index\":0,\"delta\":{},\"logprobs\":null,\"finish_reason\":\"stop\"}]%s",
      usage_null(connection));
  int tokens = connection->scenario.tokens;
  if (connection->usage_wanted)
    count += event(
        out + count, capacity - count, connection,
        "\"choices\":[],\"usage\":{\"prompt_tokens\":30,\"completion_tokens\":%d,"
        "\"total_tokens\":%d,\"prompt_tokens_details\":{\"cached_tokens\":0},"
        "\"completion_tokens_details\":{\"reasoning_tokens\":0}}",
        tokens, tokens + 30);
  static const char done[] = "e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n";
  memcpy(out + count, done, sizeof done - 1);
  return count + sizeof done - 1;
}
