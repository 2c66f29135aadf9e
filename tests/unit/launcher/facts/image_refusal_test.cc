#include "launcher/facts/image_refusal.h"

#include <doctest/doctest.h>
#include <errno.h>
#include <fcntl.h>

#include <fstream>

#include "launcher/sys/file.h"
#include "tests/support/scratch.h"

using namespace launcher;

namespace {

bool is_erofs(const std::string& content) {
  const Scratch scratch;
  std::ofstream(scratch.path("x"), std::ios::binary) << content;
  const auto file = sys::open(scratch.path("x"), O_RDONLY);
  REQUIRE(file.ok());
  return check_erofs(file.value()).ok();
}

}  // namespace

TEST_CASE("what an EROFS image begins with") {
  const std::string before(1024, '\0'), magic = "\xe2\xe1\xf5\xe0";
  CHECK(is_erofs(before + magic + "more"));
  CHECK(is_erofs(std::string(1024, 'x') + magic));
  CHECK_FALSE(is_erofs(""));
  CHECK_FALSE(is_erofs(magic));
  CHECK_FALSE(is_erofs(before + magic.substr(0, 3)));
  CHECK_FALSE(is_erofs(before + "hsqs"));
}

TEST_CASE("what a kernel does not have is said, and what to do") {
  struct Row {
    base::Error error;
    const char* says;
  };
  const Row rows[] = {
      {{"fsopen", "erofs", ENODEV, {}}, "this kernel has no EROFS; run: modprobe erofs"},
      {{"open", "/dev/loop-control", ENOENT, {}}, "mounts no EROFS file by itself (Linux 6.12 and newer do), and there is no loop device for it; run: modprobe loop, or build a folder"},
      {{"open", "/dev/loop7", EPERM, {}}, "no loop device"},
      {{"LOOP_CONFIGURE", "/dev/loop7", EPERM, {}}, "no loop device"},
      {{"fsconfig", "erofs", EINVAL, {}}, "it is damaged, or made by a newer mkfs.erofs"},
      {{"fsconfig", "erofs source=/dev/loop7", EOPNOTSUPP, {}}, "it is damaged"},
  };
  for (const Row& row : rows) {
    const std::string text = explain_mount(row.error).text();
    CHECK_MESSAGE(text.find(row.says) != std::string::npos, text);
    CHECK_MESSAGE(text.find("[" + row.error.text() + "]") != std::string::npos, text);  // what the kernel said stays
  }
  CHECK_EQ(explain_mount({"fsopen", "erofs", EPERM, {}}).text(), base::Error{"fsopen", "erofs", EPERM, {}}.text());
  CHECK_EQ(explain_mount({"open", "/srv/x.erofs", EACCES, {}}).text(), base::Error{"open", "/srv/x.erofs", EACCES, {}}.text());
}
