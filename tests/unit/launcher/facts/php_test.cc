#include "launcher/facts/php.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>

#include "tests/support/scratch.h"

using namespace launcher;

namespace {

// A real program, so that it would be run: what it says is not php-fpm's.
std::string program(const Scratch& scratch) {
  std::filesystem::copy_file("/bin/true", scratch.path("php-fpm8.2"));
  return scratch.path("php-fpm8.2");
}

std::string reason(const std::string& binary, const Scratch& scratch) {
  profiles::Php php;
  php.binary.text = binary;
  return find_php(php, {scratch.path("cache")}).reason;
}

}  // namespace

TEST_CASE("a php-fpm that others can change is not run") {
  const Scratch scratch;
  const std::string binary = program(scratch);
  ::chmod(binary.c_str(), 0777);
  CHECK_MESSAGE(reason(binary, scratch).find("can be written by its group or by others") != std::string::npos,
                reason(binary, scratch));
  ::chmod(binary.c_str(), 0755);
  CHECK(reason(binary, scratch).find("can be written") == std::string::npos);
  if (::geteuid() != 0) return;
  CHECK(::chown(binary.c_str(), 1005, 1005) == 0);
  CHECK_MESSAGE(reason(binary, scratch).find("belongs to uid 1005") != std::string::npos, reason(binary, scratch));
}

TEST_CASE("PHP's command line is looked for beside its php-fpm, then where distributions put it") {
  const auto first = [](const std::string& fpm, const std::string& branch) {
    auto all = php_command_candidates(fpm, branch);
    all.resize(3);
    return all;
  };
  using Paths = std::vector<std::string>;
  CHECK(first("/usr/sbin/php-fpm8.2", "8.2") == Paths{"/usr/bin/php8.2", "/usr/bin/php", "/usr/local/bin/php8.2"});
  CHECK(first("/opt/remi/php83/root/usr/sbin/php-fpm", "8.3") ==
        Paths{"/opt/remi/php83/root/usr/bin/php8.3", "/opt/remi/php83/root/usr/bin/php", "/usr/bin/php8.3"});
  CHECK(first("/srv/php-fpm", "8.2") == Paths{"/usr/bin/php8.2", "/usr/local/bin/php8.2", "/usr/local/bin/php"});
}
