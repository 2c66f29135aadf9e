#include "launcher/cli/other_users.h"

#include <doctest/doctest.h>
#include <stdlib.h>
#include <unistd.h>

#include "launcher/facts/users.h"
#include "launcher/sys/file.h"
#include "tests/support/scratch.h"

using namespace cli;

namespace {

bool is_root() {
  if (::geteuid() == 0) return true;
  MESSAGE("skipped: only root becomes another user");
  return false;
}

const launcher::UserEntry kNobody = {"nobody", 65534, 65534};

}  // namespace

TEST_CASE("what is asked of a user's boxes is asked as that user, which cannot read what root can") {
  if (!is_root()) return;
  Scratch scratch;
  const std::string secret = scratch.file("secret", "root's", 0600);
  const auto read = [&]() -> base::Result<std::string> { return sys::read_file(secret, 100); };
  REQUIRE(read().ok());  // the control
  const auto answer = answer_of(kNobody, read);
  REQUIRE_FALSE(answer.ok());
  CHECK_NE(answer.error().text().find("the boxes of nobody: "), std::string::npos);
  CHECK_NE(answer.error().text().find("Permission denied"), std::string::npos);
  CHECK_EQ(::geteuid(), 0);
}

TEST_CASE("who has become a user has that one's ids and folders, and no way back") {
  if (!is_root()) return;
  const auto answer = answer_of(kNobody, []() -> base::Result<std::string> {
    const bool is_back = ::setuid(0) == 0 || ::seteuid(0) == 0;
    const char* home = ::getenv("HOME");
    return std::to_string(::getuid()) + " " + std::to_string(::getegid()) + " " + std::to_string(::getgroups(0, nullptr)) + (is_back ? " back" : "") +
           " " + ::getenv("XDG_RUNTIME_DIR") + (home != nullptr ? home : "");
  });
  REQUIRE(answer.ok());
  CHECK_EQ(answer.value(), "65534 65534 0 /run/user/65534");
}

TEST_CASE("root is no such user, and a child that dies has no answer") {
  if (!is_root()) return;
  CHECK_FALSE(answer_of({"root", 0, 0}, []() -> base::Result<std::string> { return std::string("x"); }).ok());
  CHECK_FALSE(answer_of(kNobody, []() -> base::Result<std::string> { ::_exit(3); }).ok());
}

TEST_CASE("users with boxes are those with a folder of fpmbox's by their number") {
  Scratch scratch;
  for (const char* name : {"runs/65534/fpmbox", "runs/0/fpmbox", "runs/x/fpmbox", "runs/4294967290/fpmbox", "runs/4295032830/fpmbox"}) scratch.folder(name);
  const auto runs = scratch.path("runs");
  const auto found = users_with_boxes(runs);
  REQUIRE_EQ(found.size(), 1);
  CHECK_EQ(found[0].name, launcher::user_name(65534));
  REQUIRE_EQ(::rmdir((runs + "/65534/fpmbox").c_str()), 0);
  REQUIRE_EQ(::symlink("/", (runs + "/65534/fpmbox").c_str()), 0);
  CHECK(users_with_boxes(runs).empty());
  CHECK(users_with_boxes(scratch.path("nowhere")).empty());
}
