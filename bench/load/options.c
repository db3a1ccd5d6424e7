// SPDX-License-Identifier: MIT
// The command line, and the one request that every connection sends.
#define _GNU_SOURCE
#include "load.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct option longs[] = {
    {"port", 1, 0, 'p'},      {"connections", 1, 0, 'c'}, {"requests", 1, 0, 'n'},
    {"seconds", 1, 0, 'd'},   {"warm-up", 1, 0, 'w'},     {"drain", 1, 0, 'T'},
    {"rate", 1, 0, 'r'},      {"poisson", 0, 0, 'P'},     {"stream", 0, 0, 'S'},
    {"tokens", 1, 0, 't'},    {"hold", 0, 0, 'H'},        {"bearer", 1, 0, 'A'},
    {"model", 1, 0, 'm'},     {"script", 1, 0, 'U'},      {"path", 1, 0, 'u'},
    {"body-bytes", 1, 0, 's'}, {"body-file", 1, 0, 'b'},  {"steady", 0, 0, 'y'},
    {"once", 0, 0, 'o'},      {"anthropic", 0, 0, 'a'},   {"trusted", 1, 0, 'x'},
    {"http2", 1, 0, '2'},     {"distribution", 0, 0, 'D'}, {"first-after", 1, 0, 'F'},
    {0, 0, 0, 0},
};

static void apply(struct options *options, int option, const char *value) {
  switch (option) {
    case 'p': options->port = atoi(value); break;
    case 'c': options->connections = atoi(value); break;
    case 'n': options->requests = atol(value); break;
    case 'd': options->seconds = atof(value); break;
    case 'w': options->warm_up_seconds = atof(value); break;
    case 'T': options->drain_seconds = atof(value); break;
    case 'r': options->rate = atof(value); break;
    case 'P': options->poisson = true; break;
    case 'S': options->stream = true; break;
    case 't': options->tokens = atoi(value); break;
    case 'H': options->hold = options->stream = true; break;
    case 'y': options->steady = options->stream = true; break;
    case 'o': options->once = true; break;
    case 'a': options->anthropic = true, options->path = "/v1/messages"; break;
    case 'x': options->trusted = value; break;
    case '2': options->streams_per_connection = atoi(value); break;
    case 'F': options->first_after_milliseconds = atof(value); break;
    case 'D': options->distribution = true; break;
    case 'A': options->bearer = value; break;
    case 'm': options->model = value; break;
    case 'U': options->script = value; break;
    case 'u': options->path = value; break;
    case 's': options->body_bytes = atoi(value); break;
    case 'b': options->body_file = value; break;
    default: break;
  }
}

bool options_read(struct options *options, int count, char **arguments) {
  *options = (struct options){
      .connections = 32, .body_bytes = 1024, .drain_seconds = 3, .model = "gpt-4o-mini",
      .bearer = "sk-bench-0123456789abcdef", .path = "/v1/chat/completions"};
  int option;
  while ((option = getopt_long(count, arguments, "", longs, NULL)) != -1) {
    if (option == '?') return false;
    apply(options, option, optarg);
  }
  if (options->port <= 0 || options->port > 65535 || options->connections < 1 ||
      options->connections > CONNECTIONS_MAX || options->rate < 0 || options->body_bytes < 0 ||
      options->streams_per_connection < 0 ||
      options->body_bytes > 8 * 1024 * 1024)
    return false;
  if (!options->requests && options->seconds <= 0) options->seconds = 5;
  return options->seconds <= 600;
}

// A chat request of about `body_bytes` bytes: the rest is filled into the user's message.
static char *chat_body(const struct options *options, size_t *count) {
  static const char filler[] =
      "Please explain in two sentences how a reverse proxy keeps its connections alive. ";
  size_t capacity = (size_t)options->body_bytes + 2048;
  char *body = malloc(capacity);
  if (!body) abort();
  char tail[512];
  const char *user = options->script ? options->script : "user-1234";
  const char *mark = options->script ? "bench:" : "";
  const char *stream = options->stream ? "true" : "false";
  const char *format =
      options->anthropic
          ? "\"}],\"temperature\":0.7,\"max_tokens\":256,\"metadata\":{\"user_id\":\"%s%s\"},"
            "\"stream\":%s}"
          : "\"}],\"temperature\":0.7,\"max_tokens\":256,\"user\":\"%s%s\",\"stream\":%s}";
  int tail_count = snprintf(tail, sizeof tail, format, mark, user, stream);
  int at = snprintf(
      body, capacity,
      "{\"model\":\"%s\",%sYou are a helpful assistant that answers briefly.\"%s"
      "{\"role\":\"user\",\"content\":\"",
      options->model,
      options->anthropic ? "\"system\":\"" : "\"messages\":[{\"role\":\"system\",\"content\":\"",
      options->anthropic ? ",\"messages\":[" : "},");
  for (size_t i = 0; at + tail_count < options->body_bytes; i++)
    body[at++] = filler[i % (sizeof filler - 1)];
  memcpy(body + at, tail, (size_t)tail_count);
  *count = (size_t)(at + tail_count);
  return body;
}

static char *file_body(const char *path, size_t *count) {
  FILE *file = fopen(path, "rb");
  if (!file) {
    perror(path);
    exit(2);
  }
  fseek(file, 0, SEEK_END);
  long size = ftell(file);
  rewind(file);
  char *body = malloc((size_t)size + 1);
  if (!body || fread(body, 1, (size_t)size, file) != (size_t)size) abort();
  fclose(file);
  *count = (size_t)size;
  return body;
}

char *options_request(const struct options *options, size_t *count, size_t *body_bytes) {
  size_t body_count;
  char *body = options->body_file ? file_body(options->body_file, &body_count)
                                  : chat_body(options, &body_count);
  size_t capacity = body_count + 2048;
  char *request = malloc(capacity);
  if (!request) abort();
  int head = snprintf(
      request, capacity,
      "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: application/json\r\n"
      "Accept: application/json\r\nUser-Agent: bench-load\r\nAuthorization: Bearer %s\r\n"
      "%sContent-Length: %zu\r\n\r\n",
      options->path, options->port, options->bearer,
      options->anthropic ? "anthropic-version: 2023-06-01\r\n" : "", body_count);
  if (head < 0 || (size_t)head + body_count > capacity) abort();
  memcpy(request + head, body, body_count);
  free(body);
  *count = (size_t)head + body_count;
  *body_bytes = body_count;
  return request;
}
