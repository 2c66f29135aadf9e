// A box as `fpmbox ps` shows it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "launcher/boxes/find.h"
#include "launcher/boxes/outdated.h"

namespace launcher {

struct BoxView {
  std::string pool;
  std::string state;    // starting, running, stopping, stale; recording: running, and no boundary (learn)
  std::string trouble;  // why it is stale
  pid_t launcher = 0;
  pid_t pid = 0;
  std::size_t workers = 0;
  std::uint64_t uptime_s = 0;
  std::optional<std::uint64_t> memory;  // bytes
  std::string memory_from;              // "cgroup", or "pss": the sum of what its processes alone use
  std::string user, socket, code, code_version, unit;
  std::vector<std::string> gaps;
  std::vector<Outdated> outdated;
  friend bool operator==(const BoxView&, const BoxView&) = default;
};

struct Moment {
  Processes processes;
  std::string boot;
  std::uint64_t ticks = 0;             // since the boot
  std::uint64_t ticks_per_second = 0;
};
base::Result<Moment> this_moment();

BoxView look_at_box(const FoundBox& found, const Moment& moment);

std::string print_boxes(std::span<const BoxView> boxes);
std::string print_boxes_json(std::span<const BoxView> boxes);

// "12s", "5min", "3h20min", "4d2h"
std::string in_words(std::uint64_t seconds);

}  // namespace launcher
