#include "launcher/harness/entrypoint_checks.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace harness;

TEST_CASE("a process of the box is the last in the line below a container's first") {
  int told[2] = {};
  REQUIRE_EQ(::pipe(told), 0);
  const pid_t first = ::fork();
  if (first == 0) {
    const pid_t below = ::fork();
    if (below == 0) ::pause();
    [[maybe_unused]] const ssize_t wrote = ::write(told[1], &below, sizeof below);
    ::pause();
    ::_exit(0);
  }
  pid_t below = -1;
  REQUIRE_EQ(::read(told[0], &below, sizeof below), static_cast<ssize_t>(sizeof below));
  CHECK_EQ(process_of_box(first), below);
  CHECK_EQ(process_of_box(below), -1);
  for (const pid_t one : {below, first}) ::kill(one, SIGKILL);
  ::waitpid(first, nullptr, 0);
  for (const int end : told) ::close(end);
}

TEST_CASE("the site is not mounted where an engine would make a folder in it") {
  char folder[] = "/tmp/fpmbox-site-XXXXXX";
  REQUIRE_NE(::mkdtemp(folder), nullptr);
  launcher::Plan plan;
  SideInput input;
  input.plan = &plan;
  input.targets["code"] = "/srv/shop";
  CHECK_EQ(obstacle_to_site(input), "the pool's plan mounts no code");
  plan.mounts.push_back({});
  plan.mounts.back().kind = launcher::MountOp::Kind::bind;
  plan.mounts.back().key = "filesystem.code";
  plan.mounts.back().source = folder;
  input.copies = {{"/srv/shop/data", "/copy"}, {"/srv/elsewhere", "/other"}};
  CHECK_EQ(obstacle_to_site(input), "/srv/shop/data is not in the code, where an engine would make it");
  const std::string data = std::string(folder) + "/data";
  REQUIRE_EQ(::mkdir(data.c_str(), 0755), 0);
  CHECK_EQ(obstacle_to_site(input), "");
  ::rmdir(data.c_str());
  ::rmdir(folder);
}
