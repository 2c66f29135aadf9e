#include "launcher/cli/catalog.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include "launcher/cli/json.h"
#include "launcher/cli/load.h"
#include "tests/support/scratch.h"

using namespace cli;

TEST_CASE("where the catalog is looked for") {
  CHECK(catalog_places("/x", "/opt/fpmbox/sbin/fpmbox") == std::vector<std::string>{"/x"});
  const auto places = catalog_places("", "/opt/fpmbox/sbin/fpmbox");
  REQUIRE(places.size() == 3);
  CHECK(places[0] == "/opt/fpmbox/sbin/catalog");
  CHECK(places[1] == "/opt/fpmbox/share/fpmbox/catalog");
  CHECK(catalog_places("", "").size() == 1);
  const Scratch scratch;
  const auto absent = find_catalog(scratch.root());
  REQUIRE_FALSE(absent.ok());
  CHECK(absent.error().text().find(scratch.root()) != std::string::npos);
  scratch.file("base.yaml");
  CHECK(find_catalog(scratch.root()).value() == scratch.root());
}

TEST_CASE("what a word means") {
  const Scratch scratch;
  const std::string pools = scratch.folder("pools"), catalog = scratch.folder("catalog");
  scratch.file("pools/wiki.yaml");
  scratch.file("catalog/wiki.yaml");
  scratch.file("catalog/base.yaml");
  scratch.file("catalog/syscalls.yaml");
  scratch.link("link.yaml", "catalog/base.yaml");
  const auto meant = [&](const std::string& word) { return resolve_profile(word, catalog, pools).value(); };
  CHECK(meant("wiki") == ProfileFile{pools + "/wiki.yaml", true});
  CHECK(meant("base") == ProfileFile{catalog + "/base.yaml", false});
  CHECK(meant("./wiki") == ProfileFile{"./wiki", true});
  CHECK(meant("other.yaml") == ProfileFile{"other.yaml", true});
  CHECK(meant(catalog + "/base.yaml") == ProfileFile{catalog + "/base.yaml", false});
  CHECK(meant(scratch.path("link.yaml")) == ProfileFile{scratch.path("link.yaml"), false});
  const auto unknown = resolve_profile("wikki", catalog, pools);
  REQUIRE_FALSE(unknown.ok());
  CHECK(unknown.error().text().find("did you mean `wiki`?") != std::string::npos);
  CHECK_FALSE(resolve_profile("", catalog, pools).ok());
  CHECK(profiles_in(catalog + "/") == std::vector<std::string>{catalog + "/base.yaml", catalog + "/wiki.yaml"});
  CHECK(profiles_in(scratch.path("absent")).empty());
}

TEST_CASE("profiles that others could change are not read") {
  const Scratch scratch;
  const std::string file = scratch.file("a.yaml", "name: a\n");
  CHECK(read_profile(file).value() == "name: a\n");
  CHECK_FALSE(read_profile(scratch.root()).ok());
  CHECK_FALSE(read_profile(scratch.path("absent")).ok());
  ::mkfifo(scratch.path("fifo").c_str(), 0600);
  CHECK_FALSE(read_profile(scratch.path("fifo")).ok());
  CHECK_FALSE(read_profile(scratch.file("large.yaml", std::string(2 << 20, '#'))).ok());
  CHECK_FALSE(read_profile(scratch.file("open.yaml", "", 0666)).ok());
  if (::geteuid() != 0) return;
  CHECK_FALSE(read_profile(scratch.file("group.yaml", "", 0664)).ok());
  scratch.folder("open", 0777);
  CHECK_FALSE(read_profile(scratch.file("open/b.yaml")).ok());
  CHECK(::chown(file.c_str(), 54321, 0) == 0);
  const auto theirs = read_profile(file);
  REQUIRE_FALSE(theirs.ok());
  CHECK(theirs.error().text().find("chown root: ") != std::string::npos);
}

TEST_CASE("text as JSON") {
  CHECK(json_text("a\"b\\c\n\x1b\xff") == R"("a\"b\\c\\x0a\\x1b\\xff")");
  CHECK(json_object({base::Severity::warning, {"f.yaml", 3, 7}, "k", "w", "x"}) ==
        R"({"severity": "warning", "file": "f.yaml", "line": 3, "column": 7, "key": "k", "what": "w", "fix": "x"})");
}

TEST_CASE("a mistake of a shared file is printed once") {
  base::Diagnostics twice;
  twice.error({"b.yaml", 2, 1}, "k", "w");
  twice.error({"a.yaml", 2, 1}, "k", "w");
  twice.error({"b.yaml", 2, 1}, "k", "w");
  CHECK(in_order(twice).size() == 2);
  CHECK(in_order(twice).front().where.file == "a.yaml");
}

TEST_CASE("an ordinary user's pools are where XDG says, or in the home") {
  CHECK_EQ(cli::own_pools(nullptr, "/home/ada"), "/home/ada/.config/fpmbox/pools");
  CHECK_EQ(cli::own_pools("", "/home/ada"), "/home/ada/.config/fpmbox/pools");
  CHECK_EQ(cli::own_pools("/home/ada/etc", "/home/ada"), "/home/ada/etc/fpmbox/pools");
  CHECK_EQ(cli::own_pools("relative", nullptr), "");
}
