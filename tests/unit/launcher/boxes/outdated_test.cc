#include "launcher/boxes/outdated.h"

#include <doctest/doctest.h>

#include <filesystem>

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
