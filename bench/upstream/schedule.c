// SPDX-License-Identifier: MIT
// A binary heap of connections by due time.
#include "upstream.h"

#include <stdlib.h>

static struct connection **heap;
static int heap_count, heap_capacity;

static void place(int index, struct connection *connection) {
  heap[index] = connection;
  connection->heap_index = index;
}

static void sift_up(int index) {
  struct connection *moving = heap[index];
  while (index > 0) {
    int parent = (index - 1) / 2;
    if (heap[parent]->due <= moving->due) break;
    place(index, heap[parent]);
    index = parent;
  }
  place(index, moving);
}

static void sift_down(int index) {
  struct connection *moving = heap[index];
  for (;;) {
    int child = 2 * index + 1;
    if (child >= heap_count) break;
    if (child + 1 < heap_count && heap[child + 1]->due < heap[child]->due) child++;
    if (moving->due <= heap[child]->due) break;
    place(index, heap[child]);
    index = child;
  }
  place(index, moving);
}

void schedule_remove(struct connection *connection) {
  int index = connection->heap_index;
  if (index < 0) return;
  connection->heap_index = -1;
  heap_count--;
  if (index == heap_count) return;
  place(index, heap[heap_count]);
  sift_down(index);
  sift_up(heap[index]->heap_index);
}

void schedule_at(struct connection *connection, uint64_t due) {
  schedule_remove(connection);
  if (heap_count == heap_capacity) {
    heap_capacity = heap_capacity ? 2 * heap_capacity : 1024;
    heap = realloc(heap, (size_t)heap_capacity * sizeof *heap);
    if (!heap) abort();
  }
  connection->due = due;
  place(heap_count, connection);
  sift_up(heap_count++);
}

struct connection *schedule_first(void) { return heap_count ? heap[0] : NULL; }
