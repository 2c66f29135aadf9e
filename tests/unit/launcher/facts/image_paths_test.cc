#include "launcher/facts/image_paths.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "launcher/facts/paths.h"
#include "tests/support/scratch.h"

using namespace launcher;
using Kind = PathFact::Kind;

namespace {

// As if it were mounted: /srv/site.erofs, with a folder in its place.
HostFacts mounted(const std::string& folder) {
  HostFacts facts;
  facts.image = "/srv/site.erofs";
  facts.root = folder;
  return facts;
}

}  // namespace

TEST_CASE("a path of an image begins with the image, and lies where it is mounted") {
  const HostFacts facts = mounted("/run/fpmbox/.roots/1");
  CHECK_EQ(on_host(facts, "/srv/site.erofs/srv/www"), "/run/fpmbox/.roots/1/srv/www");
  for (const char* path : {"/srv/site.erofs", "/srv/site.erofs2/srv", "/srv/www", ""}) {
    CAPTURE(path);
    CHECK_FALSE(is_in_image(facts, path));
    CHECK_EQ(on_host(facts, path), path);
  }
  CHECK_FALSE(is_in_image({}, "/srv/www"));  // where there is no image
  CHECK_EQ(on_host({}, "/srv/www"), "/srv/www");
}

TEST_CASE("no symlink of an image is followed: it could lead to the host's files") {
  const Scratch scratch;
  scratch.file("srv/www/index.php");
  std::filesystem::create_directory_symlink("/etc", scratch.path("srv/absolute"));
  std::filesystem::create_directory_symlink("www", scratch.path("srv/relative"));
  std::filesystem::create_directory_symlink("../../../../../../etc", scratch.path("srv/up"));
  const HostFacts facts = mounted(scratch.root());
  const PathFact code = look_in_image(facts, "/srv/site.erofs/srv/www");
  CHECK(code.kind == Kind::directory);
  CHECK_EQ(code.real, "/srv/site.erofs/srv/www");
  CHECK(look_in_image(facts, "/srv/site.erofs/srv/www/index.php").real_kind == Kind::file);
  CHECK(look_in_image(facts, "/srv/site.erofs/srv/none").kind == Kind::missing);
  for (const char* name : {"absolute", "relative", "up", "absolute/ssl", "relative/index.php"}) {
    CAPTURE(name);
    const PathFact fact = look_in_image(facts, std::string("/srv/site.erofs/srv/") + name);
    CHECK(fact.kind == Kind::symlink);
    CHECK_EQ(fact.real, "");
    CHECK(fact.real_kind == Kind::missing);
  }
}

TEST_CASE("code of an image, what is written over it and the folders above are looked at there") {
  const Scratch scratch;
  scratch.file("srv/www/index.php");
  scratch.folder("srv/www/data");
  profiles::Policy policy;
  policy.filesystem.root = "/srv/site.erofs";
  policy.filesystem.code.text = "/srv/site.erofs/srv/www";
  policy.filesystem.writable.emplace_back().path.text = "data";
  HostFacts facts = mounted(scratch.root());
  Looks looks;
  find_paths(policy, facts, looks);
  for (const char* path : {"/srv/site.erofs/srv/www", "/srv/site.erofs/srv", "/srv/site.erofs/srv/www/data"}) CHECK_MESSAGE(facts.paths[path].kind == Kind::directory, path);
  facts.paths.clear();
  policy.filesystem.code.text = "/srv/www";  // of who wrote the path of inside
  find_paths(policy, facts, looks);
  CHECK(facts.paths["/srv/site.erofs/srv/www"].kind == Kind::directory);
}
