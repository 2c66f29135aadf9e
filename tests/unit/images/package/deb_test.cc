#include "images/package/deb.h"

#include <doctest/doctest.h>

#include "images/store/vault.h"
#include "images/tree/unpack.h"
#include "tests/unit/images/craft.h"

using namespace images;
using test::Piece;

namespace {

// From a package's bytes to a tree, as a build does it; the error's text, or "" when it is taken.
std::string taken(const std::string& bytes, const Limits& limits = {}) {
  auto deb = read_deb(bytes, limits);
  if (!deb) return deb.error().text();
  PathMap tree;
  const auto merged = add_merged_usr(tree);
  REQUIRE(merged.ok());
  const auto added = add_members(std::move(deb.value().members), "demo", tree);
  return added ? "" : added.error().text();
}

}  // namespace

TEST_CASE("a package is read: control, sums, files, links, modes") {
  const auto deb = read_deb(test::deb({{"./", '5', "", 0755}, {"./usr/", '5', "", 0755}, {"./usr/bin/", '5', "", 0755},
                                       {"./usr/bin/demo", '0', "text", 0755}, {"./usr/bin/same", '1', "", 0755, "./usr/bin/demo"},
                                       {"./usr/bin/link", '2', "", 0777, "demo"}}),
                            Limits{});
  REQUIRE(deb.ok());
  CHECK_EQ(control_field(deb.value().control, "Package"), "demo");
  CHECK_EQ(control_field(deb.value().control, "Version"), "1.0");
  CHECK_EQ(control_field(deb.value().control, "Pack"), "");
  CHECK_EQ(deb.value().md5sums, "0  usr/x\n");
  PathMap tree;
  REQUIRE(add_members(deb.value().members, "demo", tree).ok());
  REQUIRE(tree.find("usr/bin/demo") != nullptr);
  CHECK_EQ(*tree.find("usr/bin/demo")->content, "text");
  CHECK_EQ(tree.find("usr/bin/demo")->mode, 0755);
  CHECK_EQ(*tree.find("usr/bin/same")->content, "text");
  CHECK_EQ(tree.find("usr/bin/link")->target, "demo");
  CHECK_EQ(tree.find("usr/bin/demo")->package, "demo");
}

TEST_CASE("folders that are links by now are where the links lead") {
  PathMap tree;
  REQUIRE(add_merged_usr(tree).ok());
  auto deb = read_deb(test::deb({{"./lib/", '5', "", 0755}, {"./lib/libdemo.so", '0', "x"}, {"./usr/lib/", '5', "", 0755}}), Limits{});
  REQUIRE(deb.ok());
  REQUIRE(add_members(std::move(deb.value().members), "demo", tree).ok());
  CHECK(tree.find("usr/lib/libdemo.so") != nullptr);
  CHECK_EQ(tree.find("lib")->target, "usr/lib");
  CHECK_EQ(tree.resolve("lib/libdemo.so").value_or("nowhere"), "usr/lib/libdemo.so");
}

TEST_CASE("what an image cannot or must not hold is refused, with the path and the reason") {
  struct Row {
    std::vector<Piece> files;
    const char* says;
  };
  const Piece big{"usr/big", '0', "", 0644, "", 1L << 31};
  for (const Row& row : {
           Row{{{"/etc/passwd", '0', "x"}}, "no plain path"},
           Row{{{"../etc/passwd", '0', "x"}}, "no plain path"},
           Row{{{"usr/../../etc/passwd", '0', "x"}}, "no plain path"},
           Row{{{"usr//x", '0', "x"}}, "no plain path"},
           Row{{{"usr/x", '0', "1"}, {"usr/x", '0', "2"}}, "is there twice"},
           Row{{{"usr/x", '0', "1"}, {"usr/x", '2', "", 0777, "y"}}, "is there twice"},
           Row{{{"lib/x", '0', "1"}, {"usr/lib/x", '0', "2"}}, "usr/lib/x: is there twice"},
           Row{{{"usr/x", '5', "", 0755}, {"usr/x", '5', "", 0700}}, "is there twice"},
           Row{{{"usr/x", '2', "", 0777, "/etc"}, {"usr/x/shadow", '0', "x"}}, "which is a link"},
           Row{{{"usr/x", '0', "1"}, {"usr/x/y", '0', "2"}}, "which is a file"},
           Row{{{"usr/x", '2', "", 0777, "../../../../etc/passwd"}}, "a link out of the tree"},
           Row{{{"usr/x", '2', "", 0777, ""}}, "a link out of the tree"},
           Row{{{"usr/x", '1', "", 0644, "/etc/shadow"}}, "a hard link to `/etc/shadow`"},
           Row{{{"usr/x", '1', "", 0644, "usr/none"}}, "no file of this archive"},
           Row{{{"lib", '2', "", 0777, "/tmp"}}, "where the system has one"},
           Row{{{"dev/sda", '3', ""}}, "a device"},
           Row{{{"dev/sda", '4', ""}}, "a device"},
           Row{{{"run/pipe", '6', ""}}, "a FIFO"},
           Row{{test::pax({{"SCHILY.xattr.security.capability", "x"}}), {"usr/x", '0', "x"}}, "extended attributes"},
           Row{{test::pax({{"GNU.sparse.size", "1099511627776"}, {"GNU.sparse.map", "1099511627775,1"}}), {"usr/x", '0', "x"}}, "sparse"},
           Row{{big}, "larger than"},
       }) {
    const std::string said = taken(test::deb(row.files));
    CAPTURE(row.files.back().path);
    CHECK_MESSAGE(said.find(row.says) != std::string::npos, said);
  }
}

TEST_CASE("a sparse giant takes no memory") {
  // GNU's old format: a map in the header that says one byte at the end of a terabyte
  std::string member = test::tar_member({"usr/giant", 'S', "x"});
  std::memcpy(member.data() + 257, "ustar  ", 8);
  std::snprintf(member.data() + 386, 12, "%011o", 0);
  std::memcpy(member.data() + 386, "\x80\0\0\0\0\0\0\xff\xff\xff\xff\xff", 12);
  std::snprintf(member.data() + 398, 12, "%011o", 1);
  std::memcpy(member.data() + 483, "\x80\0\0\0\0\0\x01\0\0\0\0\0", 12);
  std::memset(member.data() + 148, ' ', 8);
  unsigned sum = 0;
  for (int i = 0; i < 512; ++i) sum += static_cast<unsigned char>(member[i]);
  std::snprintf(member.data() + 148, 8, "%06o", sum);
  const auto read = read_tar(member + std::string(1024, '\0'), Limits{});
  REQUIRE_FALSE(read.ok());
  CHECK_EQ(read.error().text(), "usr/giant: a sparse file");
}

TEST_CASE("limits hold for what comes, whatever headers say") {
  const std::string zeros(3 << 20, '\0');
  CHECK_EQ(taken(test::deb({{"usr/x", '0', zeros}})), "");
  Limits small;
  small.total = 1 << 20;
  CHECK_NE(taken(test::deb({{"usr/x", '0', zeros}}), small), "");
  Limits few;
  few.members = 2;
  CHECK_NE(taken(test::deb({{"a", '0', ""}, {"b", '0', ""}, {"c", '0', ""}}), few).find("more than 2 members"), std::string::npos);
}

TEST_CASE("cut off anywhere it is an error or a package without what was cut, never a crash") {
  const std::string whole = test::deb({{"usr/x", '0', std::string(5000, 'x')}, {"usr/y", '0', "y"}});
  REQUIRE_EQ(taken(whole), "");
  for (std::size_t length = 0; length + 1 < whole.size(); ++length) {
    const auto deb = read_deb(whole.substr(0, length), Limits{});
    CAPTURE(length);
    CHECK_FALSE(deb.ok());
  }
}

TEST_CASE("what is no package says so") {
  CHECK_NE(taken("").find("cannot be read"), std::string::npos);
  CHECK_NE(taken("hello").find("cannot be read"), std::string::npos);
  CHECK_NE(taken(test::ar({{"debian-binary", "2.0\n"}})).find("it has no control.tar"), std::string::npos);
  CHECK_NE(taken(test::ar({{"debian-binary", "3.0\n"}})).find("unknown format"), std::string::npos);
  const std::string two = test::ar({{"debian-binary", "2.0\n"}, {"control.tar", test::tar({})}, {"data.tar", test::tar({})}, {"data.tar.gz", "x"}});
  CHECK_NE(taken(two).find("more than one data.tar"), std::string::npos);
}
