#include "launcher/enforce/stale.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "launcher/sys/file.h"
#include "tests/unit/launcher/supervise/in_child.h"

TEST_CASE("only what the dead left under the pool's own prefix goes") {
  char name[] = "/tmp/fpmbox-test-XXXXXX";
  const std::string top = ::mkdtemp(name);
  const pid_t dead = start_child([] { return 0; });
  wait_for(dead);
  const std::string gone = std::to_string(dead), alive = std::to_string(::getpid());
  const struct {
    std::string name;
    bool stays;
  } rows[] = {{"fpmbox-a-" + gone, false}, {"fpmbox-a-" + alive, true}, {"fpmbox-a-" + gone + "-1", true},
              {"fpmbox-a-", true},         {"fpmbox-ab-" + gone, true}, {"fpmbox-a-x" + gone, true}};
  for (const auto& row : rows) REQUIRE_EQ(::mkdir((top + "/" + row.name).c_str(), 0700), 0);
  const sys::Fd directory(::open(top.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  launcher::remove_stale(directory.get(), "fpmbox-a-", AT_REMOVEDIR);
  for (const auto& row : rows) {
    CAPTURE(row.name);
    CHECK_EQ(::access((top + "/" + row.name).c_str(), F_OK) == 0, row.stays);
    ::rmdir((top + "/" + row.name).c_str());
  }
  CHECK_EQ(::rmdir(top.c_str()), 0);
}
