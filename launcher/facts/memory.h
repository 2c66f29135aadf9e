// What the kernel says about memory.
#pragma once

namespace launcher {

// Tried: page 0 is ours to map for a moment, and vm.mmap_min_addr keeps it from everybody without CAP_SYS_RAWIO.
bool can_map_page_zero();
// The kernel can keep a process from executing what it has written.
bool has_mdwe();
// Some swap is in use: /proc/swaps has more than its heading.
bool has_swap();

}  // namespace launcher
