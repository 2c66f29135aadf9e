#include "launcher/facts/php.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>

#include "scratch.h"

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
