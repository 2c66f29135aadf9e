#include "launcher/learn/fold_writes.h"

#include <doctest/doctest.h>

#include <map>

using launcher::Before;
using launcher::FirstSeen;
using launcher::Folded;
using launcher::WritableLine;
using launcher::WrittenPath;
using Act = launcher::WrittenPath::Act;

namespace {

constexpr const char* kCode = "/srv/shop/www-1.4";

// The code as it was; folders end with a slash.
const std::map<std::string, Before> kTree = {
    {"data", Before::folder},        {"data/pages", Before::folder}, {"data/media", Before::folder},      {"data/meta", Before::folder},
    {"data/meta/deep", Before::folder}, {"conf", Before::folder},    {"conf/local.php", Before::file},    {"conf/list.txt", Before::file},
    {"lib", Before::folder},         {"lib/a", Before::folder},      {"lib/b", Before::folder},           {"lib/c", Before::folder},
    {"lib/load.php", Before::file},  {"index.php", Before::file},    {"cache", Before::folder},
};

struct Write {
  const char* path;  // below the code, or absolute
  Act act;
  const char* script = "/srv/shop/www-1.4/index.php";
};

Folded fold(const std::vector<Write>& writes, std::set<std::string> scripts = {}, std::vector<std::string> granted = {}) {
  FirstSeen<WrittenPath> seen;
  for (const Write& write : writes)
    seen.see({write.path[0] == '/' ? write.path : std::string(kCode) + "/" + write.path, write.act}, write.script);
  const auto before = [](const std::string& path) {
    const auto found = kTree.find(path);
    return found == kTree.end() ? Before::missing : found->second;
  };
  return launcher::fold_writes(seen, {kCode, std::move(granted), before, std::move(scripts)});
}

std::vector<std::string> paths(const std::vector<WritableLine>& lines) {
  std::vector<std::string> out;
  for (const WritableLine& line : lines) out.push_back(line.path);
  return out;
}
using Paths = std::vector<std::string>;

}  // namespace

TEST_CASE("single writes to the fewest lines") {
  struct Row {
    const char* what;
    std::vector<Write> writes;
    Paths lines;
  };
  const Row rows[] = {
      {"a file that was there, in place: the file", {{"conf/list.txt", Act::rewritten}}, {"conf/list.txt"}},
      {"a new file: its folder", {{"data/pages/x.txt", Act::made}}, {"data/pages"}},
      {"a temporary file renamed over one that was there: the folder",
       {{"conf/list.tmp", Act::made}, {"conf/list.tmp", Act::entry}, {"conf/list.txt", Act::entry}}, {"conf"}},
      {"in place and renamed over: the folder covers the file", {{"conf/list.txt", Act::rewritten}, {"conf/list.txt", Act::entry}}, {"conf"}},
      {"a file in a folder that was made: the folder above", {{"cache/a", Act::entry}, {"cache/a/b", Act::entry}, {"cache/a/b/c", Act::made}}, {"cache"}},
      {"what was made and then rewritten is no file of the code", {{"cache/x", Act::rewritten}}, {"cache"}},
      {"a folder in a folder that is granted", {{"data/meta/x", Act::made}, {"data/meta/deep/y", Act::made}}, {"data/meta"}},
      {"two folders of one stay two", {{"data/pages/x", Act::made}, {"data/media/x", Act::made}}, {"data/media", "data/pages"}},
      {"three are the one that holds them", {{"data/pages/x", Act::made}, {"data/media/x", Act::made}, {"data/meta/x", Act::made}}, {"data"}},
      {"three where code lies stay three", {{"lib/a/x", Act::made}, {"lib/b/x", Act::made}, {"lib/c/x", Act::made}}, {"lib/a", "lib/b", "lib/c"}},
      {"/tmp, sessions and devices are every box's", {{"/tmp/x", Act::made}, {"/var/lib/fpmbox/sessions/sess_1", Act::made}, {"/dev/null", Act::rewritten}}, {}},
      {"a new folder in the code's root: itself, to be made first", {{"new", Act::entry}, {"new/x", Act::made}}, {"new"}},
      {"a new file there: itself", {{"config.php", Act::made}}, {"config.php"}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    CHECK_EQ(paths(fold(row.writes, {"lib/load.php"}).lines), row.lines);
  }
}

TEST_CASE("the code's root is never granted, nor what lies outside") {
  const Folded folded = fold({{"index.php", Act::entry}, {"/var/log/x.log", Act::made}, {"/srv/shop/www-1.4x/y", Act::made}});
  CHECK(folded.lines.empty());
  CHECK_EQ(paths(folded.in_root), Paths{"index.php"});
  CHECK_EQ(paths(folded.outside), Paths{"/var/log/x.log", "/srv/shop/www-1.4x/y"});
}

TEST_CASE("what is granted is not repeated") {
  CHECK(fold({{"data/pages/x", Act::made}, {"conf/list.txt", Act::rewritten}}, {}, {"data", "conf/list.txt"}).lines.empty());
  CHECK_EQ(paths(fold({{"data2", Act::entry}}, {}, {"data"}).lines), Paths{"data2"});
}

TEST_CASE("the first script in time, and warnings of PHP that is written") {
  const Folded folded = fold({{"conf/z", Act::made, "first.php"}, {"conf/a", Act::made, "second.php"}, {"cache/t.php", Act::made, "third.php"}},
                             {"conf/local.php", "cache/t.php"});
  REQUIRE_EQ(folded.lines.size(), 2);
  CHECK_EQ(folded.lines[0].path, "cache");
  CHECK_EQ(folded.lines[0].warnings, Paths{"PHP that the application makes and reads: cache/t.php; what the pool writes there may be executed"});
  CHECK_EQ(folded.lines[1].script, "first.php");
  CHECK_EQ(folded.lines[1].because, "made conf/z");
  CHECK_EQ(folded.lines[1].warnings, Paths{"holds PHP that is read: conf/local.php; what the pool writes there may be executed"});
  const Folded made = fold({{"new/x", Act::made}});
  REQUIRE_EQ(made.lines.size(), 1);
  CHECK_EQ(made.lines[0].warnings, Paths{"not there before: make it first, of the pool's user"});
}
