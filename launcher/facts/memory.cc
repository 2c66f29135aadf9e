#include "launcher/facts/memory.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

#include "launcher/sys/file.h"
#include "launcher/sys/missing.h"
#include "profiles/base/text.h"
#include "profiles/base/units.h"

namespace launcher {
namespace {

constexpr std::size_t kPage = 4096;

bool is_kept_from_others() {
  const auto text = sys::read_file("/proc/sys/vm/mmap_min_addr", 64);
  if (!text) return false;
  const auto lowest = base::parse_unsigned(base::split(text.value(), '\n').front());
  return lowest && *lowest >= kPage;
}

}  // namespace

// By the raw call: a compiler may take what a function returns for a non-null pointer.
bool can_map_page_zero() {
  if (!is_kept_from_others()) return false;
  const long page = ::syscall(SYS_mmap, 0, kPage, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
  if (page != 0) return false;
  ::syscall(SYS_munmap, 0, kPage);
  return true;
}

// PR_GET_MDWE: EINVAL before 6.3. Setting it could not be taken back.
bool has_mdwe() { return ::prctl(PR_GET_MDWE, 0, 0, 0, 0) >= 0; }

bool has_swap() {
  const auto text = sys::read_file("/proc/swaps", 1 << 16);
  return !text || std::count(text.value().begin(), text.value().end(), '\n') > 1;  // unreadable: assume the worse
}

}  // namespace launcher
