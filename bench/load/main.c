// SPDX-License-Identifier: MIT
// load --port P [--connections N] [--requests N | --seconds S] [--rate R [--poisson]]
//      [--stream [--tokens N]] [--hold] [--warm-up S] [--drain S] [--bearer KEY] [--model NAME]
//      [--script "delay=10,tokens=50"] [--path P] [--body-bytes N | --body-file F]
//      [--steady] [--once] [--anthropic] [--trusted PEM] [--http2 STREAMS-PER-CONNECTION]
//      [--distribution] [--first-after MILLISECONDS]
//
// Prints one JSON object; times are in microseconds. Exit 0 when every request succeeded.
#define _GNU_SOURCE
#include "load.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "../common/tls.h"

static double own_cpu_seconds(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static uint64_t failures(const struct totals *totals) {
  return totals->bad_status + totals->truncated + totals->connect_errors + totals->closed_early +
         totals->errors_in_stream;
}

static void report(const struct client *client) {
  const struct totals *totals = &client->totals;
  double span = totals->last_counted > totals->first_counted
                    ? (double)(totals->last_counted - totals->first_counted) / 1e9 : 0;
  double counted = (double)client->latency.count;
  printf(
      "{\"started\":%llu,\"completed\":%llu,\"succeeded\":%llu,\"bad_status\":%llu,"
      "\"truncated\":%llu,\"errors_in_stream\":%llu,\"connect_errors\":%llu,"
      "\"closed_early\":%llu,\"unfinished\":%llu,\"holding\":%llu,\"connects\":%llu,"
      "\"failures\":%llu,",
      (unsigned long long)totals->started, (unsigned long long)totals->completed,
      (unsigned long long)totals->succeeded, (unsigned long long)totals->bad_status,
      (unsigned long long)totals->truncated, (unsigned long long)totals->errors_in_stream,
      (unsigned long long)totals->connect_errors, (unsigned long long)totals->closed_early,
      (unsigned long long)totals->unfinished, (unsigned long long)totals->holding,
      (unsigned long long)totals->connects, (unsigned long long)failures(totals));
  printf(
      "\"body_bytes\":%llu,\"counted_seconds\":%.6f,\"requests_per_second\":%.1f,"
      "\"chunks\":%llu,\"all_chunks\":%llu,\"chunks_per_second\":%.1f,\"client_cpu_seconds\":%.4f",
      (unsigned long long)totals->bytes, span, span > 0 ? counted / span : 0,
      (unsigned long long)totals->chunks, (unsigned long long)totals->all_chunks,
      span > 0 ? (double)totals->chunks / span : 0, own_cpu_seconds());
  bool whole = client->options.distribution;
  histogram_print(&client->latency, "latency", whole);
  histogram_print(&client->send_lag, "send_lag", false);
  if (client->options.stream) {
    histogram_print(&client->first_chunk, "first_chunk", whole);
    histogram_print(&client->chunk_delay, "chunk_delay", whole);
    histogram_print(&client->chunk_gap, "chunk_gap", whole);
    histogram_print(&client->jitter, "jitter", whole);
  }
  printf("}\n");
}

int main(int count, char **arguments) {
  static struct client client;
  if (!options_read(&client.options, count, arguments)) {
    fprintf(stderr, "load: bad options; see the head of load/main.c\n");
    return 2;
  }
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  prctl(PR_SET_TIMERSLACK, 1000);
  signal(SIGPIPE, SIG_IGN);
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  client.epoll = epoll_create1(EPOLL_CLOEXEC);
  if (client.options.trusted && !tls_trust(client.options.trusted)) return 2;
  client.request = options_request(&client.options, &client.request_bytes, &client.body_bytes);
  client.body = client.request + client.request_bytes - client.body_bytes;
  client_run(&client);
  report(&client);
  bool leaves = client.options.hold || client.options.steady;
  return failures(&client.totals) || (client.totals.unfinished && !leaves) ? 1 : 0;
}
