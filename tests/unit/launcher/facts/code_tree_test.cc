#include "launcher/facts/code_tree.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "tests/support/scratch.h"

using namespace launcher;

namespace {

// Somebody else than who runs the tests, so that what the tests make belongs to another.
const PoolIds kPool{54321, 54321, {54321}};

CodeTree walk(const CodeWalk& options, const PoolIds& pool = kPool) {
  auto tree = walk_code_tree(options, pool);
  REQUIRE(tree.ok());
  auto out = std::move(tree).value();
  for (Offence* one : {&out.writable, &out.leaving, &out.set_id, &out.special})
    std::sort(one->first.begin(), one->first.end());
  return out;
}

}  // namespace

TEST_CASE("a tree as it should be") {
  const Scratch scratch;
  scratch.file("index.php");
  scratch.file("lib/a.php");
  scratch.link("lib/same", "a.php");
  scratch.link("lib/up", "../index.php");
  scratch.link("whole", scratch.path("lib"));
  CodeTree expected;
  expected.entries = 6;
  CHECK(walk({.root = scratch.root(), .passed_over = {}, .shown = {}}) == expected);
}

TEST_CASE("what the pool could change") {
  const Scratch scratch;
  scratch.file("open.php", "", 0666);
  scratch.folder("open", 0777);
  scratch.file("tmp/written", "", 0666);
  scratch.file("conf/settings.php", "", 0666);
  scratch.file("conf/settings.php2", "", 0646);
  const CodeWalk options{.root = scratch.root(), .passed_over = {"tmp", "conf/settings.php"}, .shown = {}};
  const CodeTree tree = walk(options);
  CHECK(tree.writable.count == 3);
  CHECK(tree.writable.first == std::vector<std::string>{"conf/settings.php2 (can be written by everybody)",
                                                        "open (can be written by everybody)",
                                                        "open.php (can be written by everybody)"});
  const CodeTree own = walk(options, {::geteuid(), ::getegid(), {::getegid()}});
  CHECK(own.writable.count == 4);  // and the folder conf
}

TEST_CASE("group-writable for one of the pool's groups") {
  const Scratch scratch;
  scratch.file("a.php", "", 0664);
  CHECK(walk({.root = scratch.root(), .passed_over = {}, .shown = {}}).writable.count == 0);
  const CodeTree tree =
      walk({.root = scratch.root(), .passed_over = {}, .shown = {}}, {54321, 54321, {54321, ::getegid()}});
  CHECK(tree.writable.first == std::vector<std::string>{"a.php (can be written by a group of the pool's user)"});
}

TEST_CASE("symlinks that leave, devices, set-id files") {
  const Scratch scratch;
  scratch.folder("lib");
  scratch.link("passwd", "/etc/passwd");
  scratch.link("lib/out", "../../elsewhere");
  scratch.link("lib/shown", "/usr/share/php/x");
  scratch.link("lib/alike", scratch.root() + "2/x");
  scratch.file("su", "", 04755);
  ::mkfifo(scratch.path("fifo").c_str(), 0600);
  const CodeTree tree = walk({.root = scratch.root(), .passed_over = {}, .shown = {"/usr/share/php"}});
  CHECK(tree.leaving.first == std::vector<std::string>{"lib/alike (to " + scratch.root() + "2/x)",
                                                       "lib/out (to ../../elsewhere)", "passwd (to /etc/passwd)"});
  CHECK(tree.set_id.first == std::vector<std::string>{"su"});
  CHECK(tree.special.first == std::vector<std::string>{"fifo"});
  CHECK(tree.writable.count == 0);
}

TEST_CASE("the walk follows no symlink, lists five and is bounded") {
  const Scratch scratch;
  scratch.link("loop", ".");
  for (int i = 0; i < 8; ++i) scratch.file("f" + std::to_string(i), "", 0666);
  const CodeTree tree = walk({.root = scratch.root(), .passed_over = {}, .shown = {}});
  CHECK(tree.entries == 9);
  CHECK(tree.complete);
  CHECK(tree.writable.count == 8);
  CHECK(tree.writable.first.size() == 5);
  const CodeTree part = walk({.root = scratch.root(), .passed_over = {}, .shown = {}, .most_entries = 4});
  CHECK(part.entries == 4);
  CHECK_FALSE(part.complete);
  std::string deep = "d";
  for (int i = 0; i < 250; ++i) deep += "/d";
  scratch.folder(deep);
  CHECK_FALSE(walk({.root = scratch.root(), .passed_over = {}, .shown = {}}).complete);
  CHECK_FALSE(walk_code_tree({.root = scratch.path("loop"), .passed_over = {}, .shown = {}}, kPool).ok());
  CHECK_FALSE(walk_code_tree({.root = scratch.path("absent"), .passed_over = {}, .shown = {}}, kPool).ok());
}

TEST_CASE("where a symlink leads by its text") {
  CHECK(link_target("/srv/v1", "", "a") == "/srv/v1/a");
  CHECK(link_target("/srv/v1", "lib", "../a") == "/srv/v1/a");
  CHECK(link_target("/srv/v1", "lib", "../../a") == "/srv/a");
  CHECK(link_target("/srv/v1", "lib", "/srv/v1/../x") == "/srv/x");
  CHECK(link_target("/srv/v1", "", "././/a/") == "/srv/v1/a");
  CHECK(link_target("/srv/v1", "", "../../../../..") == "/");
}

TEST_CASE("the report is at filesystem.code") {
  const Scratch scratch;
  scratch.file("a.php", "", 0666);
  profiles::Policy policy;
  policy.identity.user = "site";
  policy.filesystem.code.text = scratch.root();
  profiles::Origins origins;
  origins.set("filesystem.code", {{"wiki.yaml", 5, 9}, ""});
  HostFacts facts;
  facts.users["site"] = {54321, 54321, {}};
  facts.paths[scratch.root()] = {
      PathFact::Kind::directory, "", scratch.root(), PathFact::Kind::directory, 0, 0, 0755, {}};
  base::Diagnostics diagnostics;
  check_code_tree({policy, origins, facts, diagnostics});
  REQUIRE(diagnostics.all().size() == 1);
  CHECK(diagnostics.all()[0].text().starts_with(
      "wiki.yaml:5:9: filesystem.code: the pool's user can change what it executes in `"));
  policy.filesystem.owned_by_pool = "accepted";
  base::Diagnostics accepted;
  check_code_tree({policy, origins, facts, accepted});
  CHECK(accepted.all().empty());
}
