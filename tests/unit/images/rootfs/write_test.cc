#include "images/rootfs/write.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "images/store/replace.h"
#include "launcher/sys/file.h"

using namespace images;
namespace fs = std::filesystem;

namespace {

class Scratch {
 public:
  Scratch() { REQUIRE(::mkdtemp(path_) != nullptr); }
  ~Scratch() { remove_tree(path_); }
  std::string path(const std::string& name) const { return std::string(path_) + "/" + name; }

 private:
  char path_[32] = "/tmp/fpmbox-rootfs-XXXXXX";
};

Rootfs small(const std::string& text) {
  Rootfs out{{}, 1764000000, uuid_of(text)};
  REQUIRE(out.tree.add("usr/lib/x.so", {.mode = 0644, .content = content(text)}).ok());
  REQUIRE(out.tree.add("usr/sbin/php-fpm", {.mode = 0755, .content = content("p")}).ok());
  REQUIRE(out.tree.add("lib", {.kind = Entry::Kind::symlink, .mode = 0777, .target = "usr/lib"}).ok());
  REQUIRE(out.tree.add("srv/www", {.kind = Entry::Kind::directory, .mode = 0555}).ok());
  REQUIRE(out.tree.add("srv/www/index.php", {.mode = 0444, .uid = 10000, .gid = 10000, .content = content("<?php")}).ok());
  return out;
}

mode_t mode_of(const std::string& path) {
  struct stat info = {};
  REQUIRE_EQ(::lstat(path.c_str(), &info), 0);
  CHECK_EQ(info.st_mtim.tv_sec, 1764000000);
  CHECK_EQ(info.st_uid, ::geteuid());
  return info.st_mode & 07777;
}

std::string text_of(const std::string& path) { return sys::read_file(path, 1 << 20).value(); }

}  // namespace

TEST_CASE("a root is a folder with the modes and the time of its tree, whatever the umask") {
  const Scratch scratch;
  const std::string folder = scratch.path("root");
  const mode_t before = ::umask(077);
  const auto made = write_rootfs("dir", small("a"), folder);
  ::umask(before);
  REQUIRE_MESSAGE(made.ok(), (made.ok() ? "" : made.error().text()));
  CHECK_EQ(mode_of(folder), 0755);
  CHECK_EQ(mode_of(folder + "/usr"), 0755);
  CHECK_EQ(mode_of(folder + "/usr/lib/x.so"), 0644);
  CHECK_EQ(mode_of(folder + "/usr/sbin/php-fpm"), 0755);
  CHECK_EQ(mode_of(folder + "/srv/www"), 0555);
  CHECK_EQ(mode_of(folder + "/srv/www/index.php"), 0444);
  mode_of(folder + "/lib");
  CHECK_EQ(fs::read_symlink(folder + "/lib"), "usr/lib");
  CHECK_EQ(text_of(folder + "/lib/x.so"), "a");
}

TEST_CASE("a root takes the place of nothing: pools may run from an earlier one") {
  const Scratch scratch;
  const std::string folder = scratch.path("root"), other = scratch.path("other");
  REQUIRE(write_rootfs("dir", small("a"), folder).ok());
  fs::create_directory(other);
  REQUIRE(write_rootfs("dir", small("b"), other + "/").ok());  // an empty folder is nobody's
  CHECK_EQ(text_of(other + "/usr/lib/x.so"), "b");
  fs::create_directory_symlink(folder, scratch.path("link"));
  fs::create_directory_symlink(scratch.path("nowhere"), scratch.path("dangling"));
  for (const std::string& taken : {folder, folder + "/", scratch.path("link"), scratch.path("dangling")}) {
    CAPTURE(taken);
    const auto refused = write_rootfs("dir", small("c"), taken);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().text().find("pools may run from it") != std::string::npos);
  }
  CHECK_EQ(text_of(folder + "/usr/lib/x.so"), "a");
  CHECK_EQ(mode_of(folder + "/srv/www"), 0555);
  std::size_t left = 0;
  for (const auto& entry : fs::directory_iterator(scratch.path("."))) left += entry.path().filename().string().starts_with(".") ? 1u : 0u;
  CHECK_EQ(left, 0);
}

TEST_CASE("a UUID is that of its text, of version 8") {
  const std::string uuid = uuid_of("x");
  CHECK_EQ(uuid.size(), 36);
  CHECK_EQ(uuid[14], '8');
  CHECK_EQ(uuid[19], 'a');
  CHECK_EQ(uuid_of("x"), uuid);
  CHECK_NE(uuid_of("y"), uuid);
}
