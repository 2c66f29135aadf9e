#include "profiles/load/composed_bytes.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "tests/unit/profiles/load/files.h"
#include "tests/unit/profiles/load/random_policy.h"

namespace profiles {
namespace {

bool is_same(const AddedCall& a, const AddedCall& b) { return a.below == b.below && a.absent == b.absent; }
bool is_same(const LowerRule& a, const LowerRule& b) { return a.rule == b.rule && a.origin == b.origin; }

template <class T>
bool is_same(const std::map<std::string, T>& a, const std::map<std::string, T>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& one, const auto& other) {
    return one.first == other.first && is_same(one.second, other.second);
  });
}

void check_same(const Composed& a, const Composed& b) {
  CHECK(a.policy == b.policy);
  CHECK(a.origins.all() == b.origins.all());
  CHECK_EQ(a.layers, b.layers);
  CHECK(a.overridden_reports == b.overridden_reports);
  CHECK(is_same(a.added_calls, b.added_calls));
  CHECK(is_same(a.changed_rules, b.changed_rules));
  CHECK(is_same(a.removed_rules, b.removed_rules));
}

// Something in each of its parts.
const std::string kWide = R"(extends: php-fpm
identity: {user: www-wide}
syscalls:
  allow: [ptrace, {name: io_uring_setup, why: measured}]
  arguments: {add: [{name: ioctl, index: 1, one_of: [TCGETS], why: test}], remove: ["prctl:0"]}
php: {pm: {max_children: 3}}
)";

Composed compose_wide() {
  base::Diagnostics diagnostics;
  return test::compose_text(kWide, diagnostics);
}

TEST_CASE("a composed policy comes back as it was, with its origins; every profile of the catalog too") {
  const Composed wide = compose_wide();
  CHECK_FALSE(wide.added_calls.empty());
  CHECK_FALSE(wide.overridden_reports.empty());
  CHECK_FALSE(wide.changed_rules.empty());
  CHECK_FALSE(wide.removed_rules.empty());
  check_same(*decode_composed(encode_composed(wide)), wide);
  for (const auto& entry : std::filesystem::directory_iterator(test::kCatalog)) {
    if (entry.path().stem() == "syscalls") continue;
    CAPTURE(entry.path().string());
    base::Diagnostics diagnostics;
    const Composed composed = compose(test::kCatalog, test::from_disk, entry.path().string(), diagnostics);
    check_same(*decode_composed(encode_composed(composed)), composed);
  }
}

TEST_CASE("whatever a policy says") {
  for (unsigned seed = 0; seed < 200; ++seed) {
    CAPTURE(seed);
    Composed composed;
    test::RandomValues values(seed);
    describe(values, composed.policy);
    composed.removed_rules["a:0"] = {{"a", 0, {"B"}, {}, "why"}, {{"file.yaml", 1, 2}, "@c"}};
    check_same(*decode_composed(encode_composed(composed)), composed);
  }
}

TEST_CASE("bytes that are cut off, longer or nonsense are refused") {
  const std::string whole = encode_composed(compose_wide());
  for (std::size_t size = 0; size < whole.size(); size += 97) CHECK_FALSE(decode_composed(whole.substr(0, size)).has_value());
  CHECK_FALSE(decode_composed(std::string_view(whole).substr(0, whole.size() - 1)).has_value());
  CHECK_FALSE(decode_composed(whole + "x").has_value());
  CHECK_FALSE(decode_composed(std::string(4096, '\xff')).has_value());
  CHECK_FALSE(decode_composed(std::string(1 << 20, '\0')).has_value());
}

}  // namespace
}  // namespace profiles
