#include "launcher/sys/own_memory.h"

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

namespace sys {
namespace {

// Segments that were never writable, so that nothing is lost; RELRO lies in a writable one. Only the program itself, which
// dl_iterate_phdr(3) names first.
int drop_constant_segments(struct dl_phdr_info* info, size_t, void*) {
  const auto page = static_cast<ElfW(Addr)>(::sysconf(_SC_PAGESIZE));
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = info->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
    const ElfW(Addr) begin = (info->dlpi_addr + segment.p_vaddr) & ~(page - 1);
    const ElfW(Addr) end = (info->dlpi_addr + segment.p_vaddr + segment.p_memsz) & ~(page - 1);
    if (end > begin) ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
  }
  return 1;
}

}  // namespace

void give_back_memory() {
  ::malloc_trim(0);
  ::dl_iterate_phdr(drop_constant_segments, nullptr);
}

}  // namespace sys
