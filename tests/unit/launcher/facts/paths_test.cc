#include "launcher/facts/paths.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>

#include "tests/support/scratch.h"

using namespace launcher;
using Kind = PathFact::Kind;

namespace {

void listen_at(const std::string& path) {
  struct sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  CHECK(::bind(fd, reinterpret_cast<struct sockaddr*>(&address), sizeof address) == 0);
  ::close(fd);  // the file stays
}

}  // namespace

TEST_CASE("a path is looked at without following its last symlink") {
  const Scratch scratch;
  scratch.file("v1/index.php", "", 0640);
  scratch.link("www", "v1");
  scratch.link("lost", "nowhere");
  scratch.link("loop", "loop");
  CHECK(look_at(scratch.path("absent")) == PathFact{});
  const PathFact link = look_at(scratch.path("www"));
  CHECK(link.kind == Kind::symlink);
  CHECK(link.link == "v1");
  CHECK(link.real == scratch.path("v1"));
  CHECK(link.real_kind == Kind::directory);
  const PathFact file = look_at(scratch.path("www/index.php"));
  CHECK(file.kind == Kind::file);
  CHECK(file.real == scratch.path("v1/index.php"));
  CHECK(file.mode == 0640);
  CHECK(file.uid == ::geteuid());
  for (const char* broken : {"lost", "loop"}) {
    CHECK(look_at(scratch.path(broken)).kind == Kind::symlink);
    CHECK(look_at(scratch.path(broken)).real.empty());
    CHECK(look_at(scratch.path(broken)).real_kind == Kind::missing);
  }
}

TEST_CASE("all symlinks on the way are known with their owners") {
  const Scratch scratch;
  scratch.folder("a/v1/www");
  scratch.link("a/current", "./v1/../v1/");
  scratch.link("first", scratch.path("a/current/www"));
  scratch.file("plain");
  scratch.link("through-file", "plain/..");
  const uid_t own = ::geteuid();
  if (own == 0) CHECK(::lchown(scratch.path("a/current").c_str(), 1005, 1005) == 0);
  const PathFact fact = look_at(scratch.path("first"));
  CHECK(fact.real == scratch.path("a/v1/www"));
  CHECK(fact.links == std::vector<LinkFact>{{scratch.path("first"), own, scratch.path("a/current/www")},
                                            {scratch.path("a/current"), own == 0 ? 1005 : own, "./v1/../v1/"}});
  CHECK(look_at(scratch.path("a/v1")).links.empty());
  CHECK(look_at(scratch.path("through-file")).real.empty());
  CHECK(look_at(scratch.path("a/v1/www/../..")).real == scratch.path("a"));
  CHECK(look_at("/").real == "/");
  CHECK(look_at("/../..").real == "/");
}

TEST_CASE("other sockets of a folder, and below it") {
  const Scratch scratch;
  scratch.folder("run/deep/er");
  scratch.link("var-run", "run");
  for (const char* name : {"run/a.sock", "run/b.sock", "run/deep/er/c.sock"}) listen_at(scratch.path(name));
  scratch.file("run/plain");
  auto found = sockets_below(scratch.path("var-run"), "a.sock");
  std::sort(found.begin(), found.end());
  CHECK(found == std::vector<std::string>{"b.sock", "deep/er/c.sock"});
  CHECK(sockets_below(scratch.path("absent"), "a").empty());
}

TEST_CASE("the walk for sockets is bounded") {
  const Scratch scratch;
  for (int i = 0; i < 1010; ++i) scratch.file("run/" + std::to_string(i));
  CHECK(sockets_below(scratch.path("run"), "a") == std::vector<std::string>{"..."});
}

TEST_CASE("all paths of a policy are looked at") {
  const Scratch scratch;
  scratch.file("v1/tmp/x");
  scratch.link("www", "v1");
  scratch.folder("data");
  scratch.folder("run");
  listen_at(scratch.path("run/db.sock"));
  listen_at(scratch.path("run/other.sock"));
  profiles::Policy policy;
  policy.filesystem.code.text = scratch.path("www");
  policy.filesystem.data.text = scratch.path("data");
  policy.filesystem.writable = {{{"tmp"}, false}};
  policy.filesystem.system = {{{"/usr/lib"}, false, ""}};
  policy.connect = {{{scratch.path("run/db.sock")}, "", ""}};
  policy.listen.unix_path.text = scratch.path("run/live.sock");
  HostFacts facts;
  Looks looks;
  find_paths(policy, facts, looks);
  for (const std::string& path :
       {scratch.path("www"), scratch.path("v1"), scratch.path("v1/tmp"), scratch.path("data"), scratch.path("data/tmp"),
        scratch.path("run"), scratch.path("run/db.sock"), scratch.path("run/other.sock"), scratch.path("run/live.sock"),
        scratch.root(), std::string("/tmp"), std::string("/"), std::string("/usr/lib")}) {
    CAPTURE(path);
    CHECK(facts.paths.contains(path));
  }
  CHECK(facts.paths.at(scratch.path("data/tmp")).kind == Kind::missing);
  CHECK(facts.paths.at(scratch.path("run/db.sock")).neighbours == std::vector<std::string>{"other.sock"});
  CHECK_FALSE(facts.paths.contains("system"));
}
