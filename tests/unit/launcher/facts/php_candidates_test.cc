#include "launcher/facts/php_candidates.h"

#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/support/scratch.h"

using namespace launcher;

TEST_CASE("without a version the newest is found wherever distributions put it") {
  const Scratch scratch;
  for (const char* file : {"usr/sbin/php-fpm8.9", "usr/sbin/php-fpm8.10", "usr/sbin/php-fpm-old", "usr/local/sbin/php-fpm8.3",
                           "opt/remi/php74/root/usr/sbin/php-fpm", "opt/remi/php82/root/usr/sbin/php-fpm", "opt/remi/php/root/x", "opt/remi/safe/x"}) {
    const std::filesystem::path path = scratch.path(file);
    std::filesystem::create_directories(path.parent_path());
    std::filesystem::copy_file("/bin/true", path);
  }
  CHECK(php_candidates("", scratch.path("")) ==
        std::vector<std::string>{"/usr/sbin/php-fpm8.10", "/usr/sbin/php-fpm8.9", "/usr/local/sbin/php-fpm", "/usr/local/sbin/php-fpm8.3",
                                 "/opt/remi/php82/root/usr/sbin/php-fpm", "/opt/remi/php74/root/usr/sbin/php-fpm", "/usr/sbin/php-fpm"});
  CHECK(php_candidates("8.2", scratch.path("")).at(3) == "/opt/remi/php82/root/usr/sbin/php-fpm");
}

TEST_CASE("where they were found is kept, until a name comes or goes in one of the folders") {
  const Scratch scratch;
  const std::string sbin = scratch.folder("root/usr/sbin"), root = scratch.path("root"), cache = scratch.path("cache");
  scratch.file("root/usr/sbin/php-fpm8.2");
  const auto kept = [&] { return std::filesystem::exists(cache) ? std::distance(std::filesystem::directory_iterator(cache), {}) : 0; };
  const time_t later = ::time(nullptr) + 60;  // nobody can set a folder's ctime back
  using Paths = std::vector<std::string>;
  const Paths old = {"/usr/sbin/php-fpm8.2", "/usr/local/sbin/php-fpm", "/usr/sbin/php-fpm"};
  CHECK(known_php_candidates("", root, cache) == old);
  CHECK_EQ(kept(), 0);  // of folders that changed a moment ago
  CHECK(known_php_candidates("", root, cache, later) == old);
  REQUIRE_EQ(kept(), 1);
  std::ofstream(std::filesystem::directory_iterator(cache)->path()) << "/usr/sbin/php-fpm1.0";
  CHECK(known_php_candidates("", root, cache, later) == Paths{"/usr/sbin/php-fpm1.0"});  // what is kept is believed
  CHECK(known_php_candidates("", root, "", later) == old);
  scratch.file("root/usr/sbin/php-fpm8.3");
  CHECK_EQ(known_php_candidates("", root, cache, later).front(), "/usr/sbin/php-fpm8.3");
  std::filesystem::remove(sbin + "/php-fpm8.3");
  scratch.folder("root/opt/remi/php84/root");
  CHECK_EQ(known_php_candidates("", root, cache, later).at(2), "/opt/remi/php84/root/usr/sbin/php-fpm");
  CHECK_EQ(known_php_candidates("8.2", root, cache, later).size(), 5);
}
