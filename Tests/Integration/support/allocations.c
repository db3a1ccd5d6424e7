// SPDX-License-Identifier: MIT
// Counts heap allocations of a process: preloaded, it stands in front of glibc's allocator and
// counts into a file that the test has mapped too. While the test has armed it, the first
// allocations also leave the addresses that led to them. ALLOCATIONS_THREADS is what the names of
// the threads begin with that are counted then; all are unless it is set.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

enum { TRACES_MAX = 16, DEPTH_MAX = 24, TEXT_BYTES_MAX = 256 };

struct shared {
  _Atomic unsigned long count;
  _Atomic unsigned int armed;
  _Atomic unsigned int traced;
  char text[TRACES_MAX][DEPTH_MAX][TEXT_BYTES_MAX];
};

static struct shared *shared;
static const char *threads;
static __thread int inside;

__attribute__((constructor)) static void start(void) {
  const char *path = getenv("ALLOCATIONS_FILE");
  if (path == NULL) return;
  threads = getenv("ALLOCATIONS_THREADS");
  // A child of the process is no concern of the test.
  unsetenv("LD_PRELOAD");
  int descriptor = open(path, O_RDWR);
  if (descriptor < 0) return;
  // The first call loads the unwinder, which allocates.
  void *unused[2];
  backtrace(unused, 2);
  void *memory = mmap(
      NULL, sizeof(struct shared), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  close(descriptor);
  if (memory != MAP_FAILED) shared = memory;
}

static void trace(void) {
  unsigned int slot = atomic_fetch_add(&shared->traced, 1);
  if (slot >= TRACES_MAX) return;
  void *frames[DEPTH_MAX + 2];
  int depth = backtrace(frames, DEPTH_MAX + 2);
  for (int index = 2; index < depth; index++) {
    Dl_info info;
    char *text = shared->text[slot][index - 2];
    if (dladdr(frames[index], &info) && info.dli_fname) {
      snprintf(text, TEXT_BYTES_MAX, "%s+%#lx %s", info.dli_fname,
               (unsigned long)((char *)frames[index] - (char *)info.dli_fbase),
               info.dli_sname ? info.dli_sname : "");
    }
  }
}

static int is_counted(void) {
  char name[16] = "";
  if (threads == NULL) return 1;
  prctl(PR_GET_NAME, name);
  return strncmp(name, threads, strlen(threads)) == 0;
}

static void note(void) {
  if (shared == NULL || inside) return;
  int armed = atomic_load_explicit(&shared->armed, memory_order_relaxed) != 0;
  if (armed && !is_counted()) return;
  atomic_fetch_add_explicit(&shared->count, 1, memory_order_relaxed);
  if (armed) {
    inside = 1;
    trace();
    inside = 0;
  }
}

void *malloc(size_t size) {
  note();
  return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
  note();
  return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size) {
  note();
  return __libc_realloc(old, size);
}

void *memalign(size_t alignment, size_t size) {
  note();
  return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  note();
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **result, size_t alignment, size_t size) {
  note();
  void *memory = __libc_memalign(alignment, size);
  if (memory == NULL) return ENOMEM;
  *result = memory;
  return 0;
}
