#include "launcher/facts/php_candidates.h"

#include <doctest/doctest.h>
#include <cstdint>
#include <filesystem>
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
  const time_t later = ::time(nullptr) + 60;  // nobody can set a folder's ctime back
  const auto newest = [&](time_t now) { return newest_php_candidates(root, cache, now); };
  using Paths = std::vector<std::string>;
  const Paths old = {"/usr/sbin/php-fpm8.2", "/usr/local/sbin/php-fpm", "/usr/sbin/php-fpm"};
  const auto fresh = newest_php_candidates(root, cache);
  CHECK(fresh.paths == old);
  keep_php_candidates(fresh, root, cache);
  CHECK_FALSE(std::filesystem::exists(cache));  // of folders that changed a moment ago
  CHECK(newest_php_candidates(root, "", later).state.empty());
  keep_php_candidates(newest(later), root, cache);
  CHECK(newest(later).is_kept);
  CHECK(newest(later).paths == old);
  const auto file = std::filesystem::directory_iterator(cache)->path();
  const auto size = std::filesystem::file_size(file);
  for (const auto shorter : {size - 1, size / 2, std::uintmax_t{0}}) {
    std::filesystem::resize_file(file, shorter);
    CHECK_FALSE(newest(later).is_kept);
    CHECK(newest(later).paths == old);
  }
  scratch.file("root/usr/sbin/php-fpm8.3");
  keep_php_candidates(newest(later), root, cache);
  CHECK(newest(later).is_kept);
  CHECK_EQ(newest(later).paths.front(), "/usr/sbin/php-fpm8.3");
  std::filesystem::remove(sbin + "/php-fpm8.3");
  CHECK_FALSE(newest(later).is_kept);
  scratch.folder("root/opt/remi/php84/root");
  CHECK_EQ(newest(later).paths.at(2), "/opt/remi/php84/root/usr/sbin/php-fpm");
  CHECK_EQ(std::distance(std::filesystem::directory_iterator(cache), {}), 1);
}
