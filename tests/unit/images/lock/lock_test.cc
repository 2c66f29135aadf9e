#include "images/lock/lock.h"

#include <doctest/doctest.h>

#include "images/lock/signature.h"
#include "images/store/digest.h"

using namespace images;

namespace {

LockedPackage package(const std::string& name, const std::string& version) {
  return {name, version, "amd64", "src-" + name, version, sha256(name + version), 12, "http://m/pool/" + name + ".deb"};
}

Lock lock() {
  return {sha256("wanted"), {{"bookworm", "http://m/debian", {"main"}, {"ABC"}, 1000, 0}, {"bookworm-security", "http://m/s", {"main"}, {"DEF"}, 2000, 3000}},
          {package("libc6", "2.36"), package("php8.2-fpm", "8.2.1")}};
}

}  // namespace

TEST_CASE("read_lock(write(lock)) == lock") {
  const auto read = read_lock(write(lock()));
  REQUIRE(read.ok());
  CHECK(read.value() == lock());
  CHECK_EQ(epoch_of(lock()), 2000);
}

TEST_CASE("a lock that was bent is refused") {
  const std::string text = write(lock());
  struct Row {
    const char* from;
    const char* to;
  };
  for (const Row& row : {Row{"\"format\": 1", "\"format\": 2"}, Row{"\"sha256\"", "\"md5\""}, Row{"\"size\": 12", "\"size\": \"12\""}, Row{"php8.2-fpm\",", "libc6\","},
                         Row{"\"libc6\"", "\"../libc6\""}, Row{"\"libc6\"", "\"\""}, Row{"\"packages\"", "\"more\""}, Row{"{", "["}}) {
    std::string bent = text;
    const auto at = bent.find(row.from);
    CAPTURE(row.from);
    REQUIRE_NE(at, std::string::npos);
    bent.replace(at, std::string(row.from).size(), row.to);
    CHECK_FALSE(read_lock(bent).ok());
  }
  for (std::size_t length = 0; length + 2 < text.size(); length += 7) CHECK_FALSE(read_lock(text.substr(0, length)).ok());
}

TEST_CASE("what changed from one lock to the next") {
  Lock next = lock();
  next.packages = {package("libc6", "2.37"), package("libxml2", "2.9")};
  CHECK_EQ(difference(lock(), next), std::vector<std::string>{"  libc6 2.36 -> 2.37", "+ libxml2 2.9", "- php8.2-fpm 8.2.1"});
  CHECK(difference(lock(), lock()).empty());
}

TEST_CASE("fingerprints of gpgv's answer: of primary keys, and of valid signatures alone") {
  CHECK_EQ(fingerprints_in("[GNUPG:] NEWSIG\n[GNUPG:] VALIDSIG AA 2026-11-25 1 0 4 0 1 8 01 PRIMARY1\n[GNUPG:] BADSIG X\n"
                           "[GNUPG:] VALIDSIG BB 2026-11-25 1 0 4 0 1 8 01 PRIMARY1\n[GNUPG:] ERRSIG CC\n"),
           std::vector<std::string>{"PRIMARY1"});
  CHECK(fingerprints_in("[GNUPG:] GOODSIG 6ED0 Debian\n[GNUPG:] EXPSIG VALIDSIG\n").empty());
}
