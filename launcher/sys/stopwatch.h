// Where the time of a start goes, phase by phase.
//
//   Stopwatch laps;
//   ... laps.lap("profile");   // what passed since the lap before, or since it was made
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace sys {

class Stopwatch {
 public:
  struct Lap {
    std::string phase;
    std::chrono::microseconds time;
  };
  void lap(std::string phase);
  const std::vector<Lap>& laps() const { return laps_; }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point last_ = Clock::now();
  std::vector<Lap> laps_;
};

// A line a phase and their sum, in milliseconds: "  1.234 ms  filter".
std::vector<std::string> table(const Stopwatch& stopwatch);

}  // namespace sys
