#include "launcher/harness/copy_tree.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "launcher/sys/file.h"
#include "tests/support/scratch.h"

using namespace harness;

TEST_CASE("a copy has files, folders and links with their modes, and no more bytes than it may") {
  const Scratch scratch;
  const std::string from = scratch.root() + "/from", to = scratch.root() + "/to";
  REQUIRE_EQ(::mkdir(from.c_str(), 0755), 0);
  REQUIRE_EQ(::mkdir((from + "/below").c_str(), 0700), 0);
  REQUIRE_EQ(::mkdir(to.c_str(), 0755), 0);
  const sys::Fd source = std::move(sys::open(from, O_RDONLY | O_DIRECTORY)).value();
  const sys::Fd target = std::move(sys::open(to, O_RDONLY | O_DIRECTORY)).value();
  REQUIRE(sys::write_file_at(source.get(), "small", "12345", 0640).ok());
  REQUIRE(sys::write_file_at(source.get(), "large", std::string(1000, 'x'), 0644).ok());
  REQUIRE(sys::symlink_at("/etc/passwd", source.get(), "link").ok());
  REQUIRE_EQ(::mkfifo((from + "/fifo").c_str(), 0600), 0);
  REQUIRE_EQ(::chmod((from + "/small").c_str(), 04750), 0);
  CopyBudget budget{100, 1000, 0, {}};
  const auto copied = copy_tree(from, target.get(), "copy", budget);
  REQUIRE_MESSAGE(copied.ok(), toString(copied));
  CHECK_EQ(sys::read_file(to + "/copy/small", 100).value(), "12345");
  struct stat info {};
  REQUIRE_EQ(::lstat((to + "/copy/small").c_str(), &info), 0);
  CHECK_EQ(info.st_mode & 07777, 0750);  // no setuid bit
  REQUIRE_EQ(::lstat((to + "/copy/link").c_str(), &info), 0);
  CHECK(S_ISLNK(info.st_mode));
  REQUIRE_EQ(::lstat((to + "/copy/below").c_str(), &info), 0);
  CHECK_EQ(info.st_mode & 07777, 0700);
  CHECK_NE(::access((to + "/copy/fifo").c_str(), F_OK), 0);
  const bool is_cloned = ::access((to + "/copy/large").c_str(), F_OK) == 0;  // costs nothing where the file system can
  CHECK_EQ(budget.left_out, is_cloned ? 1 : 2);
  REQUIRE(remove_tree(target.get(), "copy").ok());
  CHECK_NE(::access((to + "/copy").c_str(), F_OK), 0);
  CHECK(remove_tree(target.get(), "copy").ok());
  CHECK_EQ(::access("/etc/passwd", F_OK), 0);
}

TEST_CASE("what a pool has nested deeper than anybody can hold open is removed all the same") {
  const Scratch scratch;
  const sys::Fd top = std::move(sys::open(scratch.root(), O_RDONLY | O_DIRECTORY)).value();
  sys::Fd here = std::move(sys::open_at(top.get(), ".", O_RDONLY | O_DIRECTORY)).value();
  for (int depth = 0; depth < 3000; ++depth) {
    REQUIRE(sys::make_directory_at(here.get(), "d", 0755).ok());
    here = std::move(sys::open_at(here.get(), "d", O_RDONLY | O_DIRECTORY)).value();
  }
  REQUIRE(sys::write_file_at(here.get(), "file", "x", 0644).ok());
  const auto removed = remove_tree(top.get(), "d");
  REQUIRE_MESSAGE(removed.ok(), toString(removed));
  CHECK(std::filesystem::is_empty(scratch.root()));
}
