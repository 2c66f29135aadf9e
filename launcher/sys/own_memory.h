// What a process that mostly waits holds of memory.
#pragma once

#include <poll.h>

#include <cstdint>

namespace sys {

// Gives freed heap back, and lets go of the program's own code and constants: what is needed again is mapped again from the
// page cache. Of a launcher's 4 MiB, 3 are code that ran once.
void give_back_memory();

// Nothing has happened for that long: what the last work brought into memory is given back. A process that ends before would
// only map again what it has just let go.
inline constexpr int kQuietMs = 500;

// poll(2), asleep with next to nothing of the program in memory: letting go and waiting are one small piece of code, because
// each page that is touched in between brings fifteen others along. What wakes it maps again what it needs.
int poll_at_rest(pollfd* fds, nfds_t count, int timeout_ms);

// What of give_back_memory() a process without a heap can do, under a filter: it calls nothing but madvise(2).
void forget_program();

struct Range {
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;
};
// But for the thread block, which a static program has there. Empty where there is none.
Range own_heap();

// Processes that are forked meanwhile have no heap at all: nothing to copy for a fork nor for each page that is written after it,
// and nothing of what lies there. They must not allocate or free.
class HeapStaysHere {
 public:
  HeapStaysHere();
  HeapStaysHere(const HeapStaysHere&) = delete;
  HeapStaysHere& operator=(const HeapStaysHere&) = delete;
  ~HeapStaysHere();

 private:
  Range heap_;
};

}  // namespace sys
