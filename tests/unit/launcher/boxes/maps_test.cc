#include "launcher/boxes/maps.h"

#include <doctest/doctest.h>

using namespace launcher;

TEST_CASE("what a process runs, without what only looks like a deleted file") {
  const auto found = mapped_code(
      "55d4a0000000-55d4a0100000 r--p 00000000 fe:00 12 /php-fpm\n"
      "55d4a0100000-55d4a0500000 r-xp 00100000 fe:00 12 /php-fpm\n"
      "7f0000000000-7f0000100000 rwxs 00000000 00:01 99 /dev/zero (deleted)\n"
      "7f0000100000-7f0000200000 r-xp 00000000 00:01 98 /memfd:opcache (deleted)\n"
      "7f0000200000-7f0000300000 r-xp 00000000 00:01 97 /dev/zero (deleted)\n"
      "7f0000300000-7f0000400000 rwxp 00000000 00:00 0 \n"
      "7f0000400000-7f0000500000 r--p 00000000 fe:00 20 /usr/lib/locale/locale-archive\n"
      "7f0000500000-7f0000600000 r-xp 00028000 fe:00 21 /usr/lib/x86_64-linux-gnu/libc.so.6\n"
      "7f0000600000-7f0000700000 r-xp 00128000 fe:00 21 /usr/lib/x86_64-linux-gnu/libc.so.6\n"
      "7f0000700000-7f0000800000 r-xp 00005000 fe:00 22 /usr/lib/php/a b/ctype.so (deleted)\n"
      "7ffc00000000-7ffc00021000 rw-p 00000000 00:00 0 [stack]\n"
      "7ffc00100000-7ffc00102000 r-xp 00000000 00:00 0 [vdso]\n"
      "nonsense\n\n");
  CHECK(found == std::vector<MappedFile>{{"55d4a0100000-55d4a0500000", "/php-fpm", false},
                                         {"7f0000500000-7f0000600000", "/usr/lib/x86_64-linux-gnu/libc.so.6", false},
                                         {"7f0000700000-7f0000800000", "/usr/lib/php/a b/ctype.so", true}});
}
