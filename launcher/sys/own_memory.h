// What a process that will only wait from now on holds of memory.
#pragma once

namespace sys {

// Gives freed heap back, and lets go of the program's own code and constants: what is needed again is mapped again from the
// page cache. Of a launcher's 4 MiB, 3 are code that ran once.
void give_back_memory();

}  // namespace sys
