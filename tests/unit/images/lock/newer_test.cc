#include "images/lock/newer.h"

#include <doctest/doctest.h>

using namespace images;

namespace {

LockedPackage package(const std::string& name, const std::string& version, const std::string& uri) {
  return {name, version, "amd64", name + "-source", version, std::string(64, 'a'), 1, uri};
}

}  // namespace

TEST_CASE("what is newer, security first; what is the same or gone is not") {
  Lock lock, now;
  now.suites = {{"bookworm", "http://m/debian", {}, {}, 1, 0}, {"bookworm-security", "http://m/debian-security/", {}, {}, 1, 0}};
  lock.packages = {package("a", "1", "u"), package("b", "1", "u"), package("gone", "1", "u"), package("same", "1", "u")};
  now.packages = {package("a", "2", "http://m/debian/pool/a.deb"), package("b", "1+deb12u1", "http://m/debian-security/pool/b.deb"),
                  package("new", "1", "http://m/debian/pool/n.deb"), package("same", "1", "http://m/debian-security/pool/s.deb")};
  CHECK_EQ(newer(lock, now), std::vector<Newer>{{"b", "1", "1+deb12u1", "b-source", true}, {"a", "1", "2", "a-source", false}, {"new", "", "1", "new-source", false}});
  CHECK(newer(now, now).empty());
}
