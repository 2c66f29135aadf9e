#include "images/build/shelf.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "images/layer/member_store.h"
#include "images/store/files.h"
#include "images/tree/audit.h"
#include "images/tree/outline.h"
#include "images/tree/packages.h"
#include "tests/unit/images/elf.h"

using namespace images;
namespace fs = std::filesystem;

namespace {

struct Folder {
  fs::path path = fs::temp_directory_path() / ("fpmbox-shelf-test-" + std::to_string(::getpid()));
  ~Folder() { fs::remove_all(path); }
};

PathMap runtime() {
  PathMap out;
  REQUIRE(out.add("usr/sbin/php-fpm8.2", {.mode = 0755, .content = content(test::elf({{}, "/lib64/ld.so", {}, {}})), .package = "php8.2-fpm", .why = "the program itself"}).ok());
  REQUIRE(out.add("usr/lib/os-release", {.mode = 0644, .content = content("ID=debian\n"), .package = "base-files"}).ok());
  REQUIRE(out.add("lib", {.kind = Entry::Kind::symlink, .mode = 0777, .target = "usr/lib"}).ok());
  return out;
}

Runtime packed(std::vector<std::string> programs = {}) { return {runtime(), std::move(programs), make_layer("runtime", runtime(), 1000, {}).value()}; }

}  // namespace

TEST_CASE("an outline says of a tree what the tree says, but for the bytes") {
  const PathMap tree = runtime();
  const auto back = read_outline(write_outline(tree).value());
  REQUIRE(back.ok());
  REQUIRE_EQ(back.value().entries().size(), tree.entries().size());
  const Entry& program = *back.value().find("usr/sbin/php-fpm8.2");
  CHECK_EQ(size_of(program), size_of(*tree.find("usr/sbin/php-fpm8.2")));
  CHECK_EQ(program.content, nullptr);
  CHECK_EQ(program.why, "the program itself");
  CHECK_EQ(back.value().resolve("lib/os-release").value_or(""), "usr/lib/os-release");
  CHECK_EQ(packages_with_files(back.value()), packages_with_files(tree));
  // what the audit finds, it finds in both
  const Promise nothing{1, 1, {}, {}};
  CHECK_EQ(audit({&back.value()}, nothing), audit({&tree}, nothing));
  CHECK_EQ(audit({&tree}, nothing).size(), 2);
}

TEST_CASE("a tree with names that are no UTF-8 has no outline") {
  PathMap tree;
  REQUIRE(tree.add("usr/\xff", {.mode = 0644, .content = content("")}).ok());
  CHECK_FALSE(write_outline(tree).ok());
  for (const char* text : {"", "{}", "[[1]]", "[[\"../x\",\"file\",420,0,0,0,\"\",0,false,\"\",\"\"]]"}) CHECK_FALSE(read_outline(text).ok());
}

TEST_CASE("a runtime is found again whole, and damage anywhere is as if it were not there") {
  const Folder folder;
  const Shelf shelf(folder.path.string());
  CHECK_FALSE(shelf.find("key").has_value());
  const Runtime made = packed({"usr/sbin/php-fpm8.2"});
  shelf.keep("key", made);
  const auto found = shelf.find("key");
  REQUIRE(found.has_value());
  CHECK_EQ(found->packed->blob, made.packed->blob);
  CHECK_EQ(found->packed->digest, made.packed->digest);
  CHECK_EQ(found->packed->diff_id, made.packed->diff_id);
  CHECK_EQ(found->programs.front(), "usr/sbin/php-fpm8.2");
  CHECK_EQ(*found->tree.find("usr/lib/os-release")->content, "ID=debian\n");
  CHECK_FALSE(shelf.find("other").has_value());
  const std::string file = (folder.path / "key").string(), whole = read_regular(file, 1 << 20).value();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string bent = whole;
    bent[at] ^= 1;
    REQUIRE(write_whole(file, bent).ok());
    CAPTURE(at);
    CHECK_FALSE(shelf.find("key").has_value());
  }
  REQUIRE(write_whole(file, whole.substr(0, whole.size() - 1)).ok());
  CHECK_FALSE(shelf.find("key").has_value());
}

TEST_CASE("a layer that is another than its outline says is not kept") {
  const Folder folder;
  const Shelf shelf(folder.path.string());
  const std::vector<void (*)(PathMap&)> lies = {
      [](PathMap& tree) { tree.find("usr/sbin/php-fpm8.2")->mode = 04755; },
      [](PathMap& tree) { tree.find("usr/sbin/php-fpm8.2")->uid = 33; },
      [](PathMap& tree) { tree.find("usr/sbin/php-fpm8.2")->content = content("#!/bin/sh"); },
      [](PathMap& tree) { tree.find("usr/lib/os-release")->content = content("ID=debiaN\n"); },
      [](PathMap& tree) { tree.find("lib")->target = "usr/bin"; },
      [](PathMap& tree) { tree.erase("usr/lib/os-release"); },
      [](PathMap& tree) { REQUIRE(tree.add("usr/bin/sh", {.mode = 0755, .content = content("x")}).ok()); },
  };
  for (const auto& lie : lies) {
    Runtime other = packed();
    lie(other.tree);
    shelf.keep("key", other);
    CHECK_FALSE(shelf.find("key").has_value());
  }
  Runtime other = packed();
  other.packed->diff_id = std::string(64, '0');
  shelf.keep("key", other);
  CHECK_FALSE(shelf.find("key").has_value());
  shelf.keep("key", packed());
  CHECK(shelf.find("key").has_value());
}

TEST_CASE("what others may have written is not found: its digests would be theirs, too") {
  const Folder folder;
  const Shelf shelf(folder.path.string());
  shelf.keep("key", packed());
  const MemberStore members = member_store((folder.path / "members").string());
  members.keep("digest", "bytes");
  for (const fs::path& open : {folder.path, folder.path / "key", folder.path / "members", folder.path / "members/digest"}) {
    CAPTURE(open.string());
    CHECK(shelf.find("key").has_value());
    CHECK_EQ(members.find("digest").value_or(""), "bytes");
    const fs::perms before = fs::status(open).permissions();
    fs::permissions(open, fs::perms::group_write, fs::perm_options::add);
    CHECK_FALSE((shelf.find("key").has_value() && members.find("digest").has_value()));
    fs::permissions(open, before);
  }
  if (::geteuid() != 0) return;
  REQUIRE_EQ(::chown((folder.path / "key").c_str(), 65534, 65534), 0);
  CHECK_FALSE(shelf.find("key").has_value());
}

TEST_CASE("the oldest runtimes give way") {
  const Folder folder;
  const Shelf shelf(folder.path.string());
  for (int i = 0; i < 12; ++i) shelf.keep("key" + std::to_string(i), packed());
  CHECK_EQ(std::distance(fs::directory_iterator(folder.path), fs::directory_iterator()), 8);
  CHECK(shelf.find("key11").has_value());
}

TEST_CASE("the newest runtime stays, whatever the clock says of the others") {
  const Folder folder;
  const Shelf shelf(folder.path.string());
  for (int i = 0; i < 8; ++i) shelf.keep("key" + std::to_string(i), packed());
  const auto later = fs::last_write_time(folder.path / "key7") + std::chrono::hours(1);
  for (const auto& file : fs::directory_iterator(folder.path)) fs::last_write_time(file.path(), later);
  shelf.keep("a", packed());
  CHECK_EQ(std::distance(fs::directory_iterator(folder.path), fs::directory_iterator()), 8);
  CHECK(shelf.find("a").has_value());
}

TEST_CASE("whatever a runtime is made of gives it another key") {
  Inputs base;
  base.recipe.php.text = "8.2";
  base.lock.packages = {{"libc6", "1", "amd64", "glibc", "1", std::string(64, 'a'), 1, "u"}};
  const std::string key = runtime_key(base, "builder");
  CHECK_EQ(runtime_key(base, "builder"), key);
  CHECK_NE(runtime_key(base, "other"), key);
  const std::vector<void (*)(Inputs&)> changes = {
      [](Inputs& i) { i.lock.packages[0].sha256 = std::string(64, 'b'); }, [](Inputs& i) { i.lock.suites.push_back({"s", "m", {}, {}, 7, 0}); },
      [](Inputs& i) { i.recipe.php.text = "8.3"; },                        [](Inputs& i) { i.recipe.keep.push_back("x"); },
      [](Inputs& i) { i.recipe.strip = {"icu-data"}; },                    [](Inputs& i) { i.recipe.compression = Compression::zstd; },
      [](Inputs& i) { i.recipe.account.uid = 5; },                         [](Inputs& i) { i.pool.policy.php.extensions.push_back("gd"); },
  };
  for (const auto& change : changes) {
    Inputs other = base;
    change(other);
    CHECK_NE(runtime_key(other, "builder"), key);
  }
  CHECK_NE(server_key(base, "builder"), key);
  CHECK_NE(server_key(base, "other"), server_key(base, "builder"));
  Inputs other_code = base;  // and what lies upon it does not
  REQUIRE(other_code.code.add("index.php", {.mode = 0644, .content = content("x")}).ok());
  CHECK_EQ(runtime_key(other_code, "builder"), key);
}
