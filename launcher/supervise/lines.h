// From a pool's log, which is hostile bytes, to lines that are safe to print: bounded, escaped, rationed. Pure.
//
//   for (const std::string& raw : splitter.feed(bytes))
//     if (auto line = ration.admit(raw, now)) output.line(*line);
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "launcher/supervise/rate.h"

namespace launcher {

// Of a longer line the rest is dropped, and the line says so. Escaping may lengthen what is kept, at most four times.
inline constexpr std::size_t kLineLimit = 8192;

// Bytes into lines, still raw. Holds at most one unfinished line.
class LineSplitter {
 public:
  std::vector<std::string> feed(std::string_view bytes);
  // The unfinished line, once nothing more will come.
  std::optional<std::string> finish();

 private:
  void append(std::string_view bytes);
  std::string take();

  std::string partial_;
  std::uint64_t dropped_ = 0;
};

// How many lines of one pool are printed, as "NAME: line".
class LineRation {
 public:
  static constexpr double kBurst = 200;
  static constexpr double kPerSecond = 100;

  explicit LineRation(std::string pool) : pool_(std::move(pool)) {}
  std::optional<std::string> admit(std::string_view raw, Instant now);
  // At most once a second: how many lines were not admitted since the last report.
  std::optional<std::string> report(Instant now);
  // The same at the end, without waiting for the second to be over.
  std::optional<std::string> last_report();
  // When to ask for that report; nullopt when nothing was dropped.
  std::optional<Instant> report_due() const;

 private:
  std::string pool_;
  TokenBucket bucket_{kBurst, kPerSecond};
  std::uint64_t dropped_ = 0;
  std::optional<Instant> dropped_since_;
};

// The last few lines, for messages that explain an end.
class RecentLines {
 public:
  static constexpr std::size_t kCount = 5;
  void keep(std::string_view raw);
  const std::deque<std::string>& all() const { return lines_; }

 private:
  std::deque<std::string> lines_;
};

}  // namespace launcher
