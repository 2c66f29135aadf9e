#include "images/tree/prune.h"

#include <doctest/doctest.h>

#include "images/tree/elf.h"
#include "images/tree/unpack.h"
#include "tests/unit/images/elf.h"

using namespace images;

namespace {

const std::string kLibraries = "usr/lib/x86_64-linux-gnu/";

void add(PathMap& tree, const std::string& path, std::string bytes, std::uint32_t mode = 0644) {
  REQUIRE(tree.add(path, {.mode = mode, .content = content(std::move(bytes)), .package = "p"}).ok());
}

// A program that loads one library by its link, which loads another by its own folder; a shell; a setuid program.
PathMap system_tree() {
  PathMap tree;
  REQUIRE(add_merged_usr(tree).ok());
  add(tree, "usr/sbin/php-fpm8.2", test::elf({{"liba.so.1"}, "/lib64/ld.so", {}, {}}), 0755);
  add(tree, kLibraries + "ld-2.so", "not ELF", 0755);
  REQUIRE(tree.add("usr/lib64/ld.so", {.kind = Entry::Kind::symlink, .mode = 0777, .target = "/lib/x86_64-linux-gnu/ld-2.so"}).ok());
  add(tree, kLibraries + "liba.so.1.2", test::elf({{"libb.so"}, {}, "liba.so.1", "$ORIGIN/private"}), 0755);
  REQUIRE(tree.add(kLibraries + "liba.so.1", {.kind = Entry::Kind::symlink, .mode = 0777, .target = "liba.so.1.2"}).ok());
  add(tree, kLibraries + "private/libb.so", test::elf({{}, {}, "libb.so", {}}));
  add(tree, kLibraries + "unused.so", test::elf({}));
  add(tree, "usr/bin/dash", test::elf({{}, "/lib64/ld.so", {}, {}}), 0755);
  add(tree, "usr/bin/su", test::elf({{}, "/lib64/ld.so", {}, {}}), 04755);
  add(tree, "usr/share/zone/Europe/Rome", "tz");
  add(tree, "usr/share/doc/p/copyright", "free");
  add(tree, "usr/share/doc/p/README", "long");
  return tree;
}

}  // namespace

TEST_CASE("what a program loads stays, with the links on the way; nothing else does") {
  const auto kept = prune(system_tree(), {.programs = {"usr/sbin/php-fpm8.2"}, .libraries = {}, .keep = {"usr/share/zone", "usr/share/doc/*/copyright"}});
  REQUIRE(kept.ok());
  const PathMap& tree = kept.value();
  for (const std::string& path : {std::string("usr/sbin/php-fpm8.2"), kLibraries + "ld-2.so", std::string("usr/lib64/ld.so"), std::string("lib64"), kLibraries + "liba.so.1",
                                  kLibraries + "liba.so.1.2", kLibraries + "private/libb.so", std::string("usr/share/zone/Europe/Rome"), std::string("usr/share/doc/p/copyright")}) {
    CAPTURE(path);
    CHECK(tree.find(path) != nullptr);
  }
  for (const std::string& path : {std::string("usr/bin/dash"), std::string("usr/bin/su"), kLibraries + "unused.so", std::string("usr/share/doc/p/README")}) {
    CAPTURE(path);
    CHECK(tree.find(path) == nullptr);
  }
  CHECK_EQ(tree.find(kLibraries + "private/libb.so")->why, "loaded by " + kLibraries + "liba.so.1.2");
}

TEST_CASE("a licence's text is kept of packages of which something else is") {
  PathMap tree = system_tree();
  for (const char* name : {"kept", "other"}) {
    REQUIRE(tree.add(std::string("usr/share/doc/") + name + "/copyright", {.mode = 0644, .content = content("c"), .package = name}).ok());
    REQUIRE(tree.add(std::string("usr/share/") + name, {.mode = 0644, .content = content("c"), .package = name}).ok());
  }
  const auto kept = prune(tree, {.programs = {}, .libraries = {}, .keep = {"usr/share/doc/*/copyright", "usr/share/kept"}});
  REQUIRE(kept.ok());
  CHECK(kept.value().find("usr/share/doc/kept/copyright") != nullptr);
  CHECK(kept.value().find("usr/share/doc/other/copyright") == nullptr);
}

TEST_CASE("programs and their loader alone are executable, and nothing is setuid") {
  const auto kept = prune(system_tree(), {.programs = {"usr/sbin/php-fpm8.2"}, .libraries = {}, .keep = {"usr/bin/su"}});
  REQUIRE(kept.ok());
  CHECK_EQ(kept.value().find("usr/sbin/php-fpm8.2")->mode, 0755);
  CHECK_EQ(kept.value().find(kLibraries + "ld-2.so")->mode, 0755);
  CHECK_EQ(kept.value().find(kLibraries + "liba.so.1.2")->mode, 0644);
  CHECK_EQ(kept.value().find("usr/bin/su")->mode, 0644);
}

TEST_CASE("a library that is missing is an error that says who wants it") {
  PathMap tree = system_tree();
  tree.erase(kLibraries + "private/libb.so");
  const auto kept = prune(tree, {.programs = {"usr/sbin/php-fpm8.2"}, .libraries = {}, .keep = {}});
  REQUIRE_FALSE(kept.ok());
  CHECK_EQ(kept.error().text(), kLibraries + "liba.so.1.2: needs libb.so, which no package of this image brings; it came as: loaded by usr/sbin/php-fpm8.2");
  CHECK_FALSE(prune(tree, {.programs = {"usr/sbin/none"}, .libraries = {}, .keep = {}}).ok());
  CHECK_FALSE(prune(tree, {.programs = {}, .libraries = {}, .keep = {"usr/nothing"}}).ok());
}

TEST_CASE("ELF files that lie are errors, and others are none") {
  const std::string whole = test::elf({{"liba.so", "libb.so"}, "/lib64/ld.so", "libx.so", "/a:/b"});
  const auto needs = read_needs(whole);
  REQUIRE(needs.ok());
  REQUIRE(needs.value());
  CHECK_EQ(needs.value()->libraries, std::vector<std::string>{"liba.so", "libb.so"});
  CHECK_EQ(needs.value()->folders, std::vector<std::string>{"/a", "/b"});
  CHECK_EQ(needs.value()->interpreter, "/lib64/ld.so");
  CHECK_EQ(needs.value()->name, "libx.so");
  CHECK_FALSE(read_needs("#!/bin/sh").value().has_value());
  for (std::size_t length = 64; length + 1 < whole.size(); ++length) {
    CAPTURE(length);
    CHECK_FALSE(read_needs(whole.substr(0, length)).ok());
  }
  for (std::size_t at = 0; at < whole.size(); ++at) {  // any byte may be anything
    std::string bent = whole;
    bent[at] = '\xff';
    (void)read_needs(bent).ok();
  }
}
