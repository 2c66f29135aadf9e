#include "launcher/sys/stopwatch.h"

#include <array>
#include <cstdio>

namespace sys {
namespace {

std::string row(std::chrono::microseconds time, const std::string& phase) {
  std::array<char, 32> number{};
  std::snprintf(number.data(), number.size(), "%9.3f ms  ", static_cast<double>(time.count()) / 1000.0);
  return number.data() + phase;
}

}  // namespace

void Stopwatch::lap(std::string phase) {
  const auto now = Clock::now();
  laps_.push_back({std::move(phase), std::chrono::duration_cast<std::chrono::microseconds>(now - last_)});
  last_ = now;
}

std::vector<std::string> table(const Stopwatch& stopwatch) {
  std::vector<std::string> out;
  std::chrono::microseconds sum{0};
  for (const Stopwatch::Lap& lap : stopwatch.laps()) {
    out.push_back(row(lap.time, lap.phase));
    sum += lap.time;
  }
  out.push_back(row(sum, "in all"));
  return out;
}

}  // namespace sys
