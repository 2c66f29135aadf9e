// The quantities of a profile as types, so that no number is without its unit. Text forms: 64MiB, 30s, 200%.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace base {

struct Bytes {
  std::uint64_t count = 0;
  friend auto operator<=>(Bytes, Bytes) = default;
};
struct Duration {
  std::uint64_t milliseconds = 0;
  friend auto operator<=>(Duration, Duration) = default;
};
// Share of one processor: 100 is a whole core.
struct Percent {
  std::uint32_t value = 0;
  friend auto operator<=>(Percent, Percent) = default;
};

constexpr Bytes operator""_MiB(unsigned long long n) { return Bytes{n * 1024 * 1024}; }

// Strict: the whole text, no sign, no overflow, unit required (B, KiB, MiB, GiB, TiB; ms, s, m, h, d; %).
std::optional<Bytes> parse_bytes(std::string_view text);
std::optional<Duration> parse_duration(std::string_view text);
std::optional<Percent> parse_percent(std::string_view text);
std::optional<std::uint64_t> parse_unsigned(std::string_view text);

// The shortest exact spelling: parse(format(x)) == x.
std::string format(Bytes size);
std::string format(Duration duration);
std::string format(Percent share);

}  // namespace base
