#include "profiles/base/units.h"

#include <charconv>
#include <limits>
#include <span>

namespace base {

namespace {

struct Unit {
  std::string_view name;
  std::uint64_t size;
};
// Largest first: the first that divides a value is its shortest exact spelling.
constexpr Unit kByteUnits[] = {
    {"TiB", 1ull << 40}, {"GiB", 1ull << 30}, {"MiB", 1ull << 20}, {"KiB", 1ull << 10}, {"B", 1}};
constexpr Unit kTimeUnits[] = {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}};

std::optional<std::uint64_t> parse_with(std::string_view text, std::span<const Unit> units) {
  const auto digits = text.find_first_not_of("0123456789");
  if (digits == std::string_view::npos) return std::nullopt;  // a number without its unit
  const auto number = parse_unsigned(text.substr(0, digits));
  if (!number) return std::nullopt;
  for (const Unit& unit : units) {
    if (text.substr(digits) != unit.name) continue;
    if (*number > std::numeric_limits<std::uint64_t>::max() / unit.size) return std::nullopt;
    return *number * unit.size;
  }
  return std::nullopt;
}

std::string format_with(std::uint64_t value, std::span<const Unit> units) {
  for (const Unit& unit : units)
    if (value % unit.size == 0) return std::to_string(value / unit.size) + std::string(unit.name);
  return {};  // not reached: the last unit is 1
}

}  // namespace

std::optional<std::uint64_t> parse_unsigned(std::string_view text) {
  // A leading zero means octal to some readers: no number here has two meanings.
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<Bytes> parse_bytes(std::string_view text) {
  const auto value = parse_with(text, kByteUnits);
  return value ? std::optional(Bytes{*value}) : std::nullopt;
}

std::optional<Duration> parse_duration(std::string_view text) {
  const auto value = parse_with(text, kTimeUnits);
  return value ? std::optional(Duration{*value}) : std::nullopt;
}

std::optional<Percent> parse_percent(std::string_view text) {
  if (!text.ends_with('%')) return std::nullopt;
  const auto value = parse_unsigned(text.substr(0, text.size() - 1));
  if (!value || *value > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  return Percent{static_cast<std::uint32_t>(*value)};
}

std::string format(Bytes size) { return size.count == 0 ? "0B" : format_with(size.count, kByteUnits); }
std::string format(Duration duration) {
  return duration.milliseconds == 0 ? "0s" : format_with(duration.milliseconds, kTimeUnits);
}
std::string format(Percent share) { return std::to_string(share.value) + "%"; }

}  // namespace base
