#include "launcher/boxes/log_format.h"

#include <charconv>
#include <cstdio>

#include "profiles/base/text.h"

namespace launcher {
namespace {

constexpr std::string_view kWord = "fpmbox-log ";
constexpr std::size_t kDigits = kLogHeaderLength - kWord.size() - 1;

}  // namespace

std::string log_header(std::uint64_t number) {
  const std::string text = std::to_string(number);
  return std::string(kWord) + std::string(kDigits - text.size(), '0') + text + "\n";
}

std::optional<std::uint64_t> read_log_header(std::string_view start) {
  if (start.size() < kLogHeaderLength || !start.starts_with(kWord) || start[kLogHeaderLength - 1] != '\n') return std::nullopt;
  const std::string_view digits = start.substr(kWord.size(), kDigits);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size() || number == 0) return std::nullopt;
  return number;
}

std::string time_text(WallTime time) {
  using namespace std::chrono;
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(floor<microseconds>(time - day));
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return text;
}

std::string log_line(WallTime time, std::string_view text) { return time_text(time) + " " + base::escape_control(text) + "\n"; }

}  // namespace launcher
