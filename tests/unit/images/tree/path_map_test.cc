#include "images/tree/path_map.h"

#include <doctest/doctest.h>

using namespace images;

namespace {

void link(PathMap& tree, const std::string& path, const std::string& target) {
  REQUIRE(tree.add(path, {.kind = Entry::Kind::symlink, .mode = 0777, .target = target}).ok());
}
void file(PathMap& tree, const std::string& path) { REQUIRE(tree.add(path, {.mode = 0644, .content = content("x")}).ok()); }

}  // namespace

TEST_CASE("links are followed as in a chroot, also those on the way") {
  PathMap tree;
  link(tree, "lib", "usr/lib");
  link(tree, "lib64", "/usr/lib64");
  link(tree, "usr/lib64/ld.so", "/lib/x/ld-2.so");
  file(tree, "usr/lib/x/ld-2.so");
  link(tree, "usr/lib/x/up", "../../lib/x/ld-2.so");
  link(tree, "a", "b");
  link(tree, "b", "a");
  link(tree, "nowhere", "/none");
  struct Row {
    const char* path;
    const char* leads;
  };
  for (const Row& row : {Row{"usr/lib/x/ld-2.so", "usr/lib/x/ld-2.so"}, Row{"lib64/ld.so", "usr/lib/x/ld-2.so"}, Row{"/lib64/ld.so", "usr/lib/x/ld-2.so"},
                         Row{"lib/x/up", "usr/lib/x/ld-2.so"}, Row{"lib/../lib/x", "usr/lib/x"}, Row{"a", ""}, Row{"nowhere", ""}, Row{"none", ""}}) {
    CAPTURE(row.path);
    CHECK_EQ(tree.resolve(row.path).value_or(""), row.leads);
  }
  std::vector<std::string> passed;
  tree.resolve("lib64/ld.so", &passed);
  CHECK_EQ(passed, std::vector<std::string>{"lib64", "usr/lib64/ld.so", "lib"});
}

TEST_CASE("parents are made, root's and closed to writers") {
  PathMap tree;
  file(tree, "a/b/c");
  REQUIRE(tree.find("a/b") != nullptr);
  CHECK_EQ(tree.find("a/b")->mode, 0755);
  CHECK_EQ(tree.find("a/b")->uid, 0);
  CHECK(tree.add("a/b", {.kind = Entry::Kind::directory, .mode = 0755}).ok());
  CHECK_FALSE(tree.add("a/b", {.kind = Entry::Kind::directory, .mode = 0777}).ok());
}
