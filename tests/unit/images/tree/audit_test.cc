#include "images/tree/audit.h"

#include <doctest/doctest.h>

#include "tests/unit/images/elf.h"

using namespace images;

namespace {

const Promise kPromise{10000, 10000, {"srv/www/data"}, {"fpmbox"}};

Entry file(std::uint32_t mode, std::uint32_t uid = 0, std::string bytes = "x") {
  return {.mode = mode, .uid = uid, .gid = uid, .content = content(std::move(bytes))};
}

}  // namespace

TEST_CASE("what breaks a promise is named, each alone") {
  struct Row {
    const char* path;
    Entry entry;
    const char* says;
  };
  const Entry folder{.kind = Entry::Kind::directory, .mode = 01777};
  for (const Row& row : {
           Row{"fpmbox", file(0755), ""},
           Row{"srv/www/index.php", file(0444), ""},
           Row{"srv/www/data/x", file(0644, 10000), ""},
           Row{"tmp", folder, ""},
           Row{"run/fpmbox", folder, ""},
           Row{"etc/mtab", {.kind = Entry::Kind::symlink, .mode = 0777, .target = "/proc/mounts"}, ""},
           Row{"usr/lib/libx.so", file(0644, 0, test::elf({{}, "/lib64/ld.so", "libx.so", {}})), ""},
           Row{"srv/www/index.php", file(0644, 10000), "srv/www/index.php: can be written by the pool, and no profile says so"},
           Row{"srv/www/database.php", file(0444, 10000), "srv/www/database.php: belongs to somebody else than root"},
           Row{"srv/www/x", file(0666), "srv/www/x: can be written by everybody"},
           Row{"var/tmp", folder, "var/tmp: can be written by everybody"},
           Row{"usr/bin/su", file(04644), "usr/bin/su: is setuid or setgid"},
           Row{"usr/bin/sg", file(02644), "usr/bin/sg: is setuid or setgid"},
           Row{"usr/bin/sh", file(0755), "usr/bin/sh: is executable"},
           Row{"srv/www/data/x.sh", file(0755, 10000), "srv/www/data/x.sh: is executable"},
           Row{"usr/lib/busybox", file(0644, 0, test::elf({{}, "/lib64/ld.so", {}, {}})), "usr/lib/busybox: is a program"},
           Row{"srv/www/.wh.index.php", file(0444), "would hide a path of another layer"},
           Row{"srv/www/link", {.kind = Entry::Kind::symlink, .mode = 0777, .target = "gone"}, "a link to gone, where nothing is"},
       }) {
    PathMap tree;
    CAPTURE(row.path);
    REQUIRE(tree.add(row.path, row.entry).ok());
    const auto broken = audit({&tree}, kPromise);
    std::string all;
    for (const std::string& line : broken) all += line + "\n";
    if (*row.says == '\0')
      CHECK_EQ(all, "");
    else
      CHECK_MESSAGE(all.find(row.says) != std::string::npos, all);
  }
}

TEST_CASE("a path in two layers") {
  PathMap one, two;
  REQUIRE(one.add("etc/passwd", file(0644)).ok());
  REQUIRE(two.add("etc/group", file(0644)).ok());
  CHECK(audit({&one, &two}, kPromise).empty());
  REQUIRE(two.add("etc/passwd", file(0644)).ok());
  CHECK_EQ(audit({&one, &two}, kPromise), std::vector<std::string>{"etc/passwd: is in two layers"});
}
