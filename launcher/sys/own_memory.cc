#include "launcher/sys/own_memory.h"

#include <errno.h>
#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <iterator>
#include <string>

#include "launcher/sys/file.h"

namespace sys {
namespace {

struct Segments {
  Range ranges[8];
  std::size_t count = 0;
};

// Segments that were never writable, so that nothing is lost; RELRO lies in a writable one. Only the program itself, which
// dl_iterate_phdr(3) names first.
int find_constant_segments(struct dl_phdr_info* info, size_t, void* found) {
  auto& out = *static_cast<Segments*>(found);
  const auto page = static_cast<ElfW(Addr)>(::sysconf(_SC_PAGESIZE));
  for (int i = 0; i < info->dlpi_phnum && out.count < std::size(out.ranges); ++i) {
    const ElfW(Phdr)& segment = info->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
    const ElfW(Addr) begin = (info->dlpi_addr + segment.p_vaddr) & ~(page - 1);
    const ElfW(Addr) end = (info->dlpi_addr + segment.p_vaddr + segment.p_memsz) & ~(page - 1);
    if (end > begin) out.ranges[out.count++] = {begin, end};
  }
  return 1;
}

const Segments& constant_segments() {
  static const Segments found = [] {
    Segments out;
    ::dl_iterate_phdr(find_constant_segments, &out);
    return out;
  }();
  return found;
}

// What deeper calls left below us on the stack.
void let_go_of_stack() {
  constexpr std::uintptr_t kDeepest = 256 * 1024;
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)) & ~(page - 1);
  ::madvise(reinterpret_cast<void*>(here - kDeepest), kDeepest - 2 * page, MADV_DONTNEED);  // ENOMEM for what was never there
}

// "01c3a000-01d2f000 rw-p 00000000 00:00 0    [heap]"
Range heap_in(const std::string& maps) {
  Range heap;
  const std::size_t name = maps.find("[heap]");
  if (name == maps.npos) return heap;
  const std::size_t before = maps.rfind('\n', name);
  std::sscanf(maps.c_str() + (before == maps.npos ? 0 : before + 1), "%lx-%lx", &heap.begin, &heap.end);
  return heap;
}

// A static program's thread block, with errno in it, is the first thing in the heap's mapping.
std::uintptr_t end_of_thread_block() {
  constexpr std::uintptr_t kLargest = 8192;  // the variables behind errno, and struct pthread
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  return (reinterpret_cast<std::uintptr_t>(&errno) + kLargest + page - 1) & ~(page - 1);
}

Range heap_in_maps() {
  const auto maps = read_file("/proc/self/maps", 64 * 1024);
  return maps ? heap_in(maps.value()) : Range{};
}

}  // namespace

Range own_heap() {
  constexpr std::uintptr_t kNear = 1U << 30;
  const auto block = reinterpret_cast<std::uintptr_t>(&errno);
  const auto top = reinterpret_cast<std::uintptr_t>(::sbrk(0));
  const bool is_static = block < top && top - block < kNear;  // else that is a library's, far above
  const Range heap = is_static ? Range{end_of_thread_block(), top} : heap_in_maps();
  return heap.begin < heap.end ? heap : Range{};
}

HeapStaysHere::HeapStaysHere() : heap_(own_heap()) {
  if (::madvise(reinterpret_cast<void*>(heap_.begin), heap_.end - heap_.begin, MADV_DONTFORK) != 0) heap_ = {};  // it is copied
}

HeapStaysHere::~HeapStaysHere() { ::madvise(reinterpret_cast<void*>(heap_.begin), heap_.end - heap_.begin, MADV_DOFORK); }

void forget_program() {
  let_go_of_stack();
  for (const Range& range : constant_segments().ranges)
    if (range.end > range.begin) ::madvise(reinterpret_cast<void*>(range.begin), range.end - range.begin, MADV_DONTNEED);
}

void give_back_memory() {
  ::malloc_trim(0);
  forget_program();
}

int poll_at_rest(pollfd* fds, nfds_t count, int timeout_ms) {
  const Segments& segments = constant_segments();
  const timespec time = {timeout_ms / 1000, timeout_ms % 1000 * 1000000L};
  for (std::size_t i = 0; i < segments.count; ++i)
    ::syscall(SYS_madvise, segments.ranges[i].begin, segments.ranges[i].end - segments.ranges[i].begin, MADV_DONTNEED);
  return static_cast<int>(::syscall(SYS_ppoll, fds, count, timeout_ms < 0 ? nullptr : &time, nullptr, 0));
}

}  // namespace sys
