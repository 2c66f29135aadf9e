#include "launcher/boxes/outdated.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "launcher/sys/digest.h"
#include "tests/support/scratch.h"

using namespace launcher;

TEST_CASE("an image that was replaced or removed makes a box of it outdated") {
  const Scratch scratch;
  scratch.file("site.erofs");
  const std::string image = scratch.path("site.erofs");
  const auto said = [&](const BoxRecord& record) {
    std::string out;
    for (const Outdated& one : find_outdated(record))
      if (one.what == Outdated::What::root) out += std::string(name_of(one.what)) + ": " + describe(one);
    return out;
  };
  BoxRecord record;
  CHECK_EQ(said(record), "");
  record.image = image;
  record.image_state = state_of_file(image);
  CHECK_EQ(said(record), "");
  scratch.file("next.erofs");
  std::filesystem::rename(scratch.path("next.erofs"), image);
  CHECK_EQ(said(record), "root: root " + image + " was replaced");
  std::filesystem::remove(image);
  CHECK_EQ(said(record), "root: root " + image + " was removed");
}

TEST_CASE("whatever came in the place of a profile makes a box outdated, and is not waited for") {
  const Scratch scratch;
  const std::string path = scratch.path("shop.yaml");
  const auto said = [&] {
    BoxRecord record;
    record.layers = {{path, sys::sha256("extends: php-fpm\n")}};
    std::string out;
    for (const Outdated& one : find_outdated(record))
      if (one.what == Outdated::What::profile) out += describe(one);
    return out;
  };
  const auto write = [&](const std::string& text) { std::ofstream(path) << text; };
  write("extends: php-fpm\n");
  CHECK_EQ(said(), "");
  const std::string changed = "profile " + path + " was changed";
  const struct {
    const char* what;
    std::function<void()> make;
  } rows[] = {
      {"another text", [&] { write("extends: base\n"); }},
      {"a folder", [&] { std::filesystem::create_directory(path); }},
      {"a pipe", [&] { (void)::mkfifo(path.c_str(), 0600); }},
      {"a link to itself", [&] { std::filesystem::create_symlink(path, path); }},
      {"a device without end", [&] { std::filesystem::create_symlink("/dev/zero", path); }},
      {"a file of a terabyte", [&] { write(""), std::filesystem::resize_file(path, 1ULL << 40); }},
  };
  for (const auto& row : rows) {
    CAPTURE(row.what);
    std::filesystem::remove(path);
    row.make();
    CHECK_EQ(said(), changed);
  }
  std::filesystem::remove(path);
  CHECK_EQ(said(), "profile " + path + " was removed");
}
