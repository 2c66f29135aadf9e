#include "images/store/replace.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace images;
namespace fs = std::filesystem;

namespace {

// A folder with one that its owner may not write, and links to it.
class Place {
 public:
  Place() {
    REQUIRE(::mkdtemp(path_) != nullptr);
    fs::create_directories(path("old/inner"));
    std::ofstream(path("old/inner/file")) << "kept";
    REQUIRE_EQ(::chmod(path("old/inner").c_str(), 0555), 0);
    fs::create_directory_symlink(path("old"), path("link"));
  }
  ~Place() { remove_tree(path_); }
  std::string path(const std::string& name) const { return std::string(path_) + "/" + name; }
  fs::perms inner() const { return fs::status(path("old/inner")).permissions(); }

 private:
  char path_[32] = "/tmp/fpmbox-replace-XXXXXX";
};

constexpr auto kReadOnly = static_cast<fs::perms>(0555);

}  // namespace

TEST_CASE("a draft takes the place of an earlier folder, which is removed") {
  const Place place;
  const auto draft = make_draft(place.path("old"));
  REQUIRE(draft.ok());
  CHECK(put_in_place(draft.value(), place.path("old")).ok());
  CHECK(fs::is_empty(place.path("old")));
  CHECK_FALSE(fs::exists(draft.value()));
}

TEST_CASE("a draft does not take the place of a symlink: what it leads to is not ours") {
  const Place place;
  const auto draft = make_draft(place.path("link"));
  REQUIRE(draft.ok());
  const auto refused = put_in_place(draft.value(), place.path("link"));
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().text().find("is a symlink") != std::string::npos);
  CHECK(fs::is_symlink(place.path("link")));
  CHECK(fs::exists(place.path("old/inner/file")));
  CHECK_EQ(place.inner(), kReadOnly);
}

TEST_CASE("of a link, itself is removed, and nothing of what it leads to") {
  const Place place;
  remove_tree(place.path("link"));
  CHECK_FALSE(fs::exists(fs::symlink_status(place.path("link"))));
  CHECK(fs::exists(place.path("old/inner/file")));
  CHECK_EQ(place.inner(), kReadOnly);
}
