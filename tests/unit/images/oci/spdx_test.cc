#include "images/oci/spdx.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

using namespace images;

TEST_CASE("packages that are in the image, each with purl, source and digest") {
  Lock lock;
  lock.packages = {{"libc6", "2.36-9+deb12u14", "amd64", "glibc", "2.36-9", std::string(64, 'a'), 1, "http://m/libc6.deb"},
                   {"libstdc++6", "1:12~rc1", "amd64", "gcc-12", "12", std::string(64, 'b'), 1, "http://m/s.deb"},
                   {"ucf", "1", "all", "ucf", "1", std::string(64, 'c'), 1, "http://m/u.deb"}};
  const auto json = nlohmann::json::parse(spdx({"wiki", std::string(64, 'd'), "debian-12", 1795573350, lock, {"libc6", "libstdc++6"}}));
  REQUIRE_EQ(json.at("packages").size(), 3);
  CHECK_EQ(json.at("packages")[1].at("externalRefs")[0].at("referenceLocator"), "pkg:deb/debian/libc6@2.36-9%2Bdeb12u14?arch=amd64&distro=debian-12");
  CHECK_EQ(json.at("packages")[2].at("externalRefs")[0].at("referenceLocator"), "pkg:deb/debian/libstdc%2B%2B6@1%3A12~rc1?arch=amd64&distro=debian-12");
  CHECK_EQ(json.at("packages")[1].at("checksums")[0].at("checksumValue"), std::string(64, 'a'));
  CHECK_EQ(json.at("packages")[1].at("sourceInfo"), "built from the source glibc 2.36-9");
  CHECK_EQ(json.at("relationships").size(), 3);
  CHECK_EQ(json.at("creationInfo").at("created"), "2026-11-25T02:22:30Z");
}
