#include "launcher/facts/own_folders.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include "tests/support/scratch.h"

using namespace launcher;

// Scratch folders lie in /tmp, which is everybody's: the reason that comes last, after those about the folder itself.
TEST_CASE("a folder for sockets is the user's alone, and never in everybody's") {
  const Scratch scratch;
  const uid_t own = ::geteuid();
  struct Row {
    std::string path;
    const char* says;
  };
  const Row rows[] = {
      {scratch.path("missing"), "is not there"},
      {scratch.file("file"), "is not a folder"},
      {scratch.folder("open", 0711), "can be entered by others"},
      {scratch.folder("good", 0700), "which is everybody's"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.path);
    const OwnFolder found = own_run_directory(row.path.c_str(), own);
    CHECK_EQ(found.path, "");
    CHECK_NE(found.reason.find(row.says), std::string::npos);
  }
  const OwnFolder others = own_run_directory(scratch.folder("others", 0700).c_str(), own + 1);
  CHECK_NE(others.reason.find("can be entered by others"), std::string::npos);
  for (const char* unset : {static_cast<const char*>(nullptr), "", "relative"}) {
    const OwnFolder none = own_run_directory(unset, 4000000001u);
    CHECK_EQ(none.path, "");
    CHECK_EQ(none.reason, "XDG_RUNTIME_DIR is not set, and there is no /run/user/4000000001");
  }
}

TEST_CASE("state is kept where XDG says, or in the home") {
  const Scratch scratch;
  const std::string home = scratch.folder("home", 0700);
  const std::string state = scratch.folder("state", 0700);
  CHECK_EQ(own_state_directory(nullptr, home.c_str()).path, home + "/.local/state/fpmbox");
  CHECK_EQ(own_state_directory("", home.c_str()).path, home + "/.local/state/fpmbox");
  CHECK_EQ(own_state_directory(state.c_str(), home.c_str()).path, state + "/fpmbox");
  CHECK_EQ(own_state_directory(scratch.link("link", "state").c_str(), nullptr).path, state + "/fpmbox");
  CHECK_NE(own_state_directory(nullptr, nullptr).reason, "");
  CHECK_NE(own_state_directory(nullptr, "/nonexistent").reason, "");
  CHECK_NE(own_state_directory(scratch.folder("open", 0777).c_str(), nullptr).reason, "");
}
