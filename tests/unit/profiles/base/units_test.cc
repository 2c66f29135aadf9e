#include "profiles/base/units.h"

#include <doctest/doctest.h>

using namespace base;

TEST_CASE("sizes") {
  struct Row {
    std::string text;
    std::optional<std::uint64_t> count;
  };
  for (const Row& row : {Row{"0B", 0},
                         {"12MiB", 12ull << 20},
                         {"1KiB", 1024},
                         {"3GiB", 3ull << 30},
                         {"1TiB", 1ull << 40},
                         {"18446744073709551615B", ~0ull},
                         {"12", {}},
                         {"12MB", {}},
                         {"12M", {}},
                         {"12 MiB", {}},
                         {" 12MiB", {}},
                         {"-1B", {}},
                         {"+1B", {}},
                         {"1.5GiB", {}},
                         {"", {}},
                         {"MiB", {}},
                         {"012MiB", {}},
                         {"16777216TiB", {}},
                         {"18446744073709551616B", {}},
                         {"12mib", {}},
                         {"12MiBx", {}}}) {
    CAPTURE(row.text);
    const auto parsed = parse_bytes(row.text);
    CHECK_EQ(parsed.has_value(), row.count.has_value());
    if (parsed && row.count) CHECK_EQ(parsed->count, *row.count);
  }
}

TEST_CASE("durations, shares and numbers") {
  CHECK_EQ(parse_duration("30s")->milliseconds, 30000);
  CHECK_EQ(parse_duration("1500ms")->milliseconds, 1500);
  CHECK_EQ(parse_duration("2m")->milliseconds, 120000);
  CHECK_EQ(parse_duration("1h")->milliseconds, 3600000);
  CHECK_EQ(parse_duration("7d")->milliseconds, 604800000);
  CHECK_EQ(parse_percent("200%")->value, 200);
  CHECK_EQ(parse_unsigned("33"), 33);
  CHECK_EQ(parse_unsigned("0"), 0);
  for (const std::string text : {"30", "1w", "1h30m", "s", "", "1H"}) CHECK_FALSE(parse_duration(text).has_value());
  for (const std::string text : {"200", "%", "2.5%", "4294967296%", "-1%", "05%"})
    CHECK_FALSE(parse_percent(text).has_value());
  for (const std::string text : {"", "0755", "0o755", "0x10", "1e3", "-1", "+1", " 1", "1 ", "18446744073709551616"})
    CHECK_FALSE(parse_unsigned(text).has_value());
}

TEST_CASE("the shortest exact spelling") {
  CHECK_EQ(format(Bytes{0}), "0B");
  CHECK_EQ(format(Bytes{512ull << 20}), "512MiB");
  CHECK_EQ(format(Bytes{1025}), "1025B");
  CHECK_EQ(format(Bytes{2048ull << 20}), "2GiB");
  CHECK_EQ(format(Duration{0}), "0s");
  CHECK_EQ(format(Duration{90000}), "90s");
  CHECK_EQ(format(Duration{3600000}), "1h");
  CHECK_EQ(format(Duration{1}), "1ms");
  CHECK_EQ(format(Percent{250}), "250%");
  for (std::uint64_t value = 1; value < (1ull << 62); value = value * 3 + 1) {
    CHECK(parse_bytes(format(Bytes{value})) == Bytes{value});
    CHECK(parse_duration(format(Duration{value})) == Duration{value});
  }
}
