// SPDX-License-Identifier: MIT
// upstream [--certificate FILE --key FILE] PORT[:key=value,...] ...
//
// Loopback only; port 0 takes a free one. A port with `tls=1` needs certificate and key (PEM).
// Prints `listening PORT` for each argument, then serves until SIGTERM or until its parent ends.
#define _GNU_SOURCE
#include "upstream.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/clock.h"
#include "../common/tls.h"

enum { EVENTS_MAX = 256, ACCEPTS_PER_TURN = 64 };

struct counters counters;
static struct listener listeners[LISTENERS_MAX];
static int listener_count;
static volatile sig_atomic_t stopping;

static void on_signal(int signal_number) {
  (void)signal_number;
  stopping = 1;
}

static int fail(const char *what) {
  perror(what);
  return 1;
}

static int open_listener(int epoll, const char *argument) {
  struct listener *listener = &listeners[listener_count++];
  listener->defaults = scenario_default();
  const char *colon = strchr(argument, ':');
  if (colon && !scenario_read(&listener->defaults, colon + 1, strlen(colon + 1))) {
    fprintf(stderr, "upstream: cannot read `%s`\n", argument);
    return 2;
  }
  listener->descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int on = 1;
  setsockopt(listener->descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argument))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t count = sizeof address;
  if (bind(listener->descriptor, (struct sockaddr *)&address, sizeof address)) return fail("bind");
  if (listen(listener->descriptor, 4096)) return fail("listen");
  getsockname(listener->descriptor, (struct sockaddr *)&address, &count);
  listener->port = ntohs(address.sin_port);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = listener};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, listener->descriptor, &event)) return fail("epoll_ctl");
  printf("listening %d\n", listener->port);
  return 0;
}

static struct listener *listener_of(void *pointer) {
  struct listener *listener = pointer;
  return listener >= listeners && listener < listeners + listener_count ? listener : NULL;
}

static void accept_some(int epoll, struct listener *listener) {
  for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
    int descriptor = accept4(listener->descriptor, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0) return;
    connection_open(epoll, descriptor, listener);
  }
}

static void dispatch(int epoll, struct epoll_event *event) {
  struct listener *listener = listener_of(event->data.ptr);
  if (listener) return accept_some(epoll, listener);
  struct connection *connection = event->data.ptr;
  if (connection->descriptor >= 0 && (event->events & EPOLLOUT)) connection_writable(connection);
  if (connection->descriptor >= 0 && (event->events & ~(uint32_t)EPOLLOUT))
    connection_readable(connection);
}

static void run(int epoll) {
  struct epoll_event events[EVENTS_MAX];
  while (!stopping) {
    struct connection *first = schedule_first();
    struct timespec wait = sleep_until(first ? first->due : 0, now_nanoseconds());
    int count = epoll_pwait2(epoll, events, EVENTS_MAX, first ? &wait : NULL, NULL);
    for (int i = 0; i < count; i++) dispatch(epoll, &events[i]);
    uint64_t now = now_nanoseconds();
    while ((first = schedule_first()) && first->due <= now) connection_due(first);
    connection_free_closed();
  }
}

int main(int argument_count, char **arguments) {
  int first = 1;
  if (argument_count > 5 && strcmp(arguments[1], "--certificate") == 0 &&
      strcmp(arguments[3], "--key") == 0) {
    if (!tls_serve(arguments[2], arguments[4])) return 2;
    first = 5;
  }
  if (argument_count <= first || argument_count - first > LISTENERS_MAX) {
    fprintf(
        stderr, "usage: upstream [--certificate FILE --key FILE] "
                "PORT[:latency=MS,delay=MS,tokens=N,tls=1,...] ...\n");
    return 2;
  }
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  prctl(PR_SET_TIMERSLACK, 1000);
  signal(SIGPIPE, SIG_IGN);
  struct sigaction action = {.sa_handler = on_signal};
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGINT, &action, NULL);
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  if (epoll < 0) return fail("epoll_create1");
  for (int i = first; i < argument_count; i++) {
    int status = open_listener(epoll, arguments[i]);
    if (status) return status;
  }
  fflush(stdout);
  run(epoll);
  return 0;
}
