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

// The heap of a forked process that needs nothing of it. Once it is forgotten nothing may allocate or free, and nothing that
// lay there be read: it is zero. Found while files can be opened, forgotten under a filter. Empty where there is none.
struct Range {
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;
};
Range own_heap();
// With the program's code and the stack; calls nothing but madvise(2).
void forget(Range heap);

}  // namespace sys
