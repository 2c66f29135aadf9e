#include "launcher/sys/file.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include "tests/support/scratch.h"

using namespace sys;

namespace {

std::string said(const base::Error& error) { return error.text(); }

std::string read_back(const std::string& path, std::size_t limit) {
  const auto text = read_file(path, limit);
  return text ? text.value() : said(text.error());
}

}  // namespace

TEST_CASE("a path without links is opened, and the first link of any other is named") {
  const Scratch scratch;
  scratch.file("v1/data/a", "text");
  scratch.link("www", "v1");
  scratch.link("v1/last", "data");
  CHECK(open_without_links(scratch.path("v1/data/a"), O_RDONLY).ok());
  CHECK(open_without_links("/", O_PATH).ok());
  for (const int flags : {O_PATH, O_RDONLY}) {  // O_PATH opens a link itself, where nobody takes care
    const auto middle = open_without_links(scratch.path("www/data/a"), flags);
    REQUIRE_FALSE(middle.ok());
    CHECK(said(middle.error()) == scratch.path("www") + " is a symlink to v1; write the path it leads to");
    const auto end = open_without_links(scratch.path("v1/last"), flags);
    REQUIRE_FALSE(end.ok());
    CHECK(said(end.error()) == scratch.path("v1/last") + " is a symlink to data; write the path it leads to");
  }
  CHECK(open_without_links(scratch.path("v1/none"), O_PATH).error().code == ENOENT);
}

TEST_CASE("folders are made where they are missing, through no link") {
  const Scratch scratch;
  scratch.folder("run");
  scratch.link("away", "run");
  const Fd root = open(scratch.root(), O_PATH | O_DIRECTORY).value();
  for (int times = 0; times < 2; ++times) CHECK(make_directories(root.get(), "run/a/b", 0750).ok());
  CHECK((status_at(root.get(), "run/a/b").value().st_mode & 07777) == 0750);
  CHECK(status_at(make_directories(root.get(), "", 0750).value().get(), "run").ok());
  for (const char* path : {"away", "away/c"}) {
    const auto made = make_directories(root.get(), path, 0750);
    REQUIRE_FALSE(made.ok());
    CHECK(said(made.error()) == "/away must be a folder, and is a file or a symlink; remove it");
  }
}

TEST_CASE("a file is read whole, whether it says its length or not, and not beyond the limit") {
  const Scratch scratch;
  const std::string long_text(10000, 'x');
  for (const std::string& text : {std::string(), std::string("a"), std::string(4096, 'y'), long_text})
    CHECK(read_back(scratch.file("f", text), 20000) == text);
  CHECK(read_back(scratch.file("f", long_text), 10000) == long_text);
  CHECK(read_back(scratch.file("f", long_text), 9999) == "longer than 9999 bytes");
  CHECK(read_back("/proc/self/status", 64 * 1024).find("\nThreads:\t1\n") != std::string::npos);
  CHECK(read_back("/proc/self/status", 100) == "longer than 100 bytes");
  int ends[2] = {};
  REQUIRE(::pipe(ends) == 0);
  REQUIRE(::write(ends[1], long_text.data(), long_text.size()) == static_cast<ssize_t>(long_text.size()));
  ::close(ends[1]);
  CHECK(read_all(ends[0], 20000).value() == long_text);
  ::close(ends[0]);
}

TEST_CASE("a path is trusted by the folders that it leads through, and not by those that a link leaves") {
  if (::geteuid() != 0) {
    MESSAGE("skipped: needs root, to give folders to others");
    return;
  }
  const Scratch scratch;
  scratch.file("ours/deep/file");
  scratch.file("theirs/file");
  scratch.file("theirs/deep/mine");
  scratch.link("theirs/out", scratch.path("ours/deep"));
  scratch.link("ours/in", scratch.path("theirs"));
  REQUIRE(::chown(scratch.path("theirs").c_str(), 1005, 1005) == 0);
  const struct {
    const char* path;
    bool trusted;
  } rows[] = {{"ours/deep/file", true},      {"ours/./deep/../deep/file", true}, {"ours//deep/file", true}, {"theirs/out/file", true},
              {"theirs/file", false},        {"theirs/deep/mine", false},        {"ours/in/file", false},   {"ours/none", false},
              {"ours/../theirs/file", false}};
  for (const auto& row : rows) {
    CAPTURE(row.path);
    CHECK(check_trusted_path(scratch.path(row.path)).ok() == row.trusted);
  }
  CHECK(check_trusted_path("/").ok());
  REQUIRE(::chmod(scratch.path("ours").c_str(), 0775) == 0);
  const auto writable = check_trusted_path(scratch.path("ours/deep/file"));
  REQUIRE_FALSE(writable.ok());
  CHECK(said(writable.error()) == scratch.path("ours") + " can be written by its group or by others; chmod go-w " + scratch.path("ours"));
  REQUIRE(::chmod(scratch.path("ours").c_str(), 01777) == 0);
  CHECK(check_trusted_path(scratch.path("ours/deep/file")).ok());
}
