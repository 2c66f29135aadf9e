#include "launcher/sys/loop.h"

#include <doctest/doctest.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

#include "launcher/sys/file.h"

TEST_CASE("a file is a read-only block device while it is used, and none afterwards") {
  if (::geteuid() != 0 || ::access("/dev/loop-control", W_OK) != 0) {
    MESSAGE("skipped: only root attaches loop devices, where the kernel has them");
    return;
  }
  char path[] = "/tmp/fpmbox-loop-XXXXXX";
  const sys::Fd file(::mkstemp(path));
  REQUIRE(file);
  REQUIRE(sys::write_all(file.get(), std::string(1 << 16, 'x')).ok());
  std::string backing;
  {
    const auto loop = sys::attach_loop(path);
    REQUIRE_MESSAGE(loop.ok(), (loop.ok() ? "" : loop.error().text()));
    char first = 0;
    CHECK_EQ(::pread(loop.value().fd.get(), &first, 1, 0), 1);
    CHECK_EQ(first, 'x');
    int is_read_only = 0;
    CHECK_EQ(::ioctl(loop.value().fd.get(), BLKROGET, &is_read_only), 0);
    CHECK_EQ(is_read_only, 1);
    backing = "/sys/block" + loop.value().path.substr(4) + "/loop/backing_file";
    const auto named = sys::read_file(backing, 4096);
    REQUIRE(named.ok());
    CHECK_EQ(named.value(), std::string(path) + "\n");
  }
  // let go of, by the kernel and perhaps a moment later; another may have taken the number since
  bool is_free = false;
  for (int attempt = 0; attempt < 3000 && !is_free; ++attempt) {
    const auto named = sys::read_file(backing, 4096);
    is_free = !named.ok() || named.value() != std::string(path) + "\n";
    if (!is_free) ::usleep(10000);
  }
  CHECK(is_free);
  ::unlink(path);
}
