#include "profiles/load/packed_origins.h"

#include <doctest/doctest.h>

#include "profiles/load/origins.h"

namespace profiles {
namespace {

const OriginsByKey kSome = {{"a", {{"base.yaml", 1, 2}, ""}},
                            {"a.b", {{"pool.yaml", 3, 4}, "@io"}},
                            {"a.b[c.d]", {{"base.yaml", 5, 6}, ""}},
                            {"z", {{"", 0, 0}, ""}}};

TEST_CASE("origins are found among their bytes as they are in a map, and of what encloses them") {
  const Origins packed(*PackedOrigins::of(pack_origins(kSome)));
  for (const auto& one : kSome) {
    CAPTURE(one.first);
    CHECK(packed.find(one.first) == one.second);
  }
  CHECK(packed.find("a.b[c.d].optional") == kSome.at("a.b[c.d]"));
  CHECK(packed.find("a.bc") == kSome.at("a"));
  CHECK(packed.find("") == Origin{});
  CHECK(packed.find("zz") == Origin{});
  CHECK(packed.all() == kSome);
}

TEST_CASE("they can be changed, too, and none is lost by it") {
  Origins changed(*PackedOrigins::of(pack_origins(kSome)));
  changed.set("b", {{"pool.yaml", 7, 8}, ""});
  CHECK(changed.find("b").where.line == 7);
  CHECK(changed.find("a.b").through == "@io");
  Origins fewer(*PackedOrigins::of(pack_origins(kSome)));
  fewer.erase_tree("a.b");
  CHECK(fewer.find("a.b[c.d]") == kSome.at("a"));
  CHECK(fewer.all().size() == 2);
}

TEST_CASE("those that are not wanted go, from bytes as from a map, and the others are found as before") {
  Origins packed(*PackedOrigins::of(pack_origins(kSome))), unpacked;
  for (const auto& [key, origin] : kSome) unpacked.set(key, origin);
  for (Origins* origins : {&packed, &unpacked}) {
    origins->keep_only([](std::string_view key) { return key != "a.b" && key != "z"; });
    CHECK(origins->find("a.b[c.d]") == kSome.at("a.b[c.d]"));
    CHECK(origins->find("a.b") == kSome.at("a"));
    CHECK(origins->find("z") == Origin{});
    CHECK(origins->all() == OriginsByKey{{"a", kSome.at("a")}, {"a.b[c.d]", kSome.at("a.b[c.d]")}});
    origins->keep_only([](std::string_view) { return false; });
    CHECK(origins->find("a") == Origin{});
  }
}

TEST_CASE("none at all are packed origins, too") {
  const auto none = PackedOrigins::of(pack_origins({}));
  REQUIRE(none.has_value());
  CHECK_FALSE(none->find("a").has_value());
  CHECK(none->unpack().empty());
}

TEST_CASE("bytes that are cut off, longer, out of order or name a file that is not there are refused") {
  const std::string whole = pack_origins(kSome);
  REQUIRE(PackedOrigins::of(whole).has_value());
  for (std::size_t size = 0; size < whole.size(); ++size) CHECK_FALSE(PackedOrigins::of(whole.substr(0, size)).has_value());
  CHECK_FALSE(PackedOrigins::of(whole + "x").has_value());
  std::string disordered = whole;
  disordered[disordered.find("a.b")] = 'z';
  CHECK_FALSE(PackedOrigins::of(disordered).has_value());
  std::string elsewhere = whole;
  elsewhere[elsewhere.find('a', elsewhere.find("pool.yaml") + 9) + 1] = 9;  // the number of the first one's file
  CHECK_FALSE(PackedOrigins::of(elsewhere).has_value());
}

}  // namespace
}  // namespace profiles
