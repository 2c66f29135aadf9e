#include "images/tree/icu_stub.h"

#include <dlfcn.h>
#include <doctest/doctest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>

#include "images/tree/elf.h"

using namespace images;

namespace {

const std::string kPath = "usr/lib/x86_64-linux-gnu/libicudata.so.72.1";

PathMap runtime() {
  PathMap out;
  REQUIRE(out.add(kPath, {.mode = 0644, .content = content(std::string(100'000, 'x')), .package = "libicu72", .why = "loaded by x"}).ok());
  REQUIRE(out.add("usr/lib/x86_64-linux-gnu/libicudata.so.72", {.kind = Entry::Kind::symlink, .mode = 0777, .target = "libicudata.so.72.1"}).ok());
  REQUIRE(out.add("var/lib/dpkg/status.d/libicu72.md5sums", {.mode = 0644, .content = content("0  " + kPath + "\n1  usr/lib/x86_64-linux-gnu/libicuuc.so.72.1\n")}).ok());
  return out;
}

}  // namespace

TEST_CASE("the loader takes the stub, and finds ICU's symbol in it") {
  const std::string bytes = icu_stub("libicudata.so.72", "icudt72_dat");
  CHECK_EQ(bytes.size(), 4096 + 7 * 16);
  const auto needs = read_needs(bytes);
  REQUIRE((needs.ok() && needs.value().has_value()));
  CHECK_EQ(needs.value()->name, "libicudata.so.72");
  CHECK(needs.value()->libraries.empty());
  CHECK_FALSE(is_program(bytes));
  const int file = ::memfd_create("stub", 0);
  REQUIRE_EQ(::write(file, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  void* library = ::dlopen(("/proc/self/fd/" + std::to_string(file)).c_str(), RTLD_NOW | RTLD_LOCAL);
  const char* why = ::dlerror();
  REQUIRE_MESSAGE(library != nullptr, (why == nullptr ? "" : why));
  const void* data = ::dlsym(library, "icudt72_dat");
  REQUIRE_NE(data, nullptr);
  CHECK_EQ(std::memcmp(data, "\x20\0\xda\x27\x14\0", 6), 0);
  CHECK_EQ(::dlsym(library, "icudt73_dat"), nullptr);
  ::dlclose(library);
  ::close(file);
}

TEST_CASE("in a runtime it is in the place of the data, and no sum of the package names it") {
  PathMap tree = runtime();
  REQUIRE(stub_icu_data({"xml"}, tree).ok());
  const Entry& entry = *tree.find(kPath);
  CHECK_LT(entry.content->size(), 5000);
  CHECK_EQ(entry.package, "");
  CHECK_EQ(entry.why, "strip: icu-data");
  CHECK_EQ(*tree.find("var/lib/dpkg/status.d/libicu72.md5sums")->content, "1  usr/lib/x86_64-linux-gnu/libicuuc.so.72.1\n");
}

TEST_CASE("with intl, or without ICU, it is refused") {
  PathMap tree = runtime(), none;
  CHECK_NE(stub_icu_data({"intl", "xml"}, tree).error().text().find("intl"), std::string::npos);
  CHECK_EQ(tree.find(kPath)->content->size(), 100'000);
  CHECK_FALSE(stub_icu_data({"xml"}, none).ok());
}
