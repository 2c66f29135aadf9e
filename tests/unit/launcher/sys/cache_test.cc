#include "launcher/sys/cache.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "launcher/sys/digest.h"
#include "tests/support/scratch.h"

namespace {

namespace fs = std::filesystem;

std::string folder_for(const Scratch& scratch) { return scratch.path("kept"); }

}  // namespace

TEST_CASE("sha256") {
  // FIPS 180-4, examples
  CHECK_EQ(sys::sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK_EQ(sys::sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("a checksum sees every bit, the order and the length") {
  const std::string bytes = "0123456789abcdefghijk";
  for (std::size_t i = 0; i < bytes.size(); ++i)
    for (int bit = 0; bit < 8; ++bit) {
      std::string other = bytes;
      other[i] = static_cast<char>(other[i] ^ (1 << bit));
      CHECK_NE(sys::checksum(other), sys::checksum(bytes));
    }
  CHECK_NE(sys::checksum("89abcdef01234567"), sys::checksum("0123456789abcdef"));
  CHECK_NE(sys::checksum(std::string(8, '\0')), sys::checksum(std::string(9, '\0')));
  CHECK_EQ(sys::checksum(bytes), sys::checksum(std::string(bytes)));
}

TEST_CASE("what was kept is found under its key and under no other") {
  if (::geteuid() != 0) {
    MESSAGE("skipped: the cache is root's");
    return;
  }
  const Scratch scratch;
  const auto cache = sys::Cache::open(folder_for(scratch));
  CHECK_FALSE(cache.find("a").has_value());
  cache.keep("a", std::string("one\0two", 7));
  CHECK_EQ(cache.find("a").value(), std::string("one\0two", 7));
  CHECK_FALSE(cache.find("b").has_value());
  cache.keep("a", "three");
  CHECK_EQ(cache.find("a").value(), "three");
}

TEST_CASE("a damaged or foreign entry is not used") {
  if (::geteuid() != 0) {
    MESSAGE("skipped: the cache is root's");
    return;
  }
  const Scratch scratch;
  const auto cache = sys::Cache::open(folder_for(scratch));
  const std::string file = folder_for(scratch) + "/" + sys::sha256("a");
  cache.keep("a", "value");
  SUBCASE("other bytes") { std::ofstream(file, std::ios::app) << "x"; }
  SUBCASE("one byte of it") {
    std::fstream stream(file, std::ios::in | std::ios::out);
    stream.seekp(-1, std::ios::end);
    stream << "E";
  }
  SUBCASE("cut off") { fs::resize_file(file, 10); }
  SUBCASE("others may write it") { REQUIRE_EQ(::chmod(file.c_str(), 0666), 0); }
  SUBCASE("another owner") { REQUIRE_EQ(::chown(file.c_str(), 65534, 65534), 0); }
  SUBCASE("a link") {
    fs::rename(file, file + "-real");
    fs::create_symlink(file + "-real", file);
  }
  CHECK_FALSE(cache.find("a").has_value());
  cache.keep("a", "again");
  CHECK_EQ(cache.find("a").value_or(""), "again");
}

TEST_CASE("a folder that others can enter or change is no cache") {
  if (::geteuid() != 0) {
    MESSAGE("skipped: the cache is root's");
    return;
  }
  const Scratch scratch;
  fs::create_directory(folder_for(scratch));
  SUBCASE("its mode") { REQUIRE_EQ(::chmod(folder_for(scratch).c_str(), 0755), 0); }
  SUBCASE("its owner") { REQUIRE_EQ(::chown(folder_for(scratch).c_str(), 65534, 65534), 0); }
  const auto cache = sys::Cache::open(folder_for(scratch));
  cache.keep("a", "value");
  CHECK_FALSE(cache.find("a").has_value());
  CHECK(fs::is_empty(folder_for(scratch)));
}

TEST_CASE("the folder does not grow for ever") {
  if (::geteuid() != 0) {
    MESSAGE("skipped: the cache is root's");
    return;
  }
  const Scratch scratch;
  const auto cache = sys::Cache::open(folder_for(scratch));
  for (int i = 0; i < 300; ++i) cache.keep(std::to_string(i), "value");
  const auto count = std::distance(fs::directory_iterator(folder_for(scratch)), fs::directory_iterator());
  CHECK_LE(count, 256);
  CHECK_EQ(cache.find("299").value_or(""), "value");
}
