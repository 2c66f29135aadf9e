#include "launcher/supervise/limits_watch.h"

#include <errno.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "launcher/supervise/respawn.h"
#include "profiles/base/text.h"
#include "profiles/base/units.h"

namespace launcher {
namespace {

constexpr Milliseconds kBetweenLooks{250};
constexpr Milliseconds kQuietLooks{5000};
constexpr std::chrono::seconds kBetweenLines{60};

struct Words {
  std::string_view key;
  const char* did;
  const char* one;
  const char* many;
};
constexpr std::array kWords = {Words{"limits.memory.max", "ended", "a process", "processes"},
                               Words{"limits.pids.max", "refused", "a new process", "new processes"}};

std::string what_happened(const std::string& key, unsigned long long times) {
  for (const Words& row : kWords)
    if (row.key == key) return std::string("the kernel ") + row.did + " " + (times == 1 ? row.one : std::to_string(times) + " " + row.many);
  return std::to_string(times) + " times";
}

// "oom_kill 3" among other lines. nullopt: the group is gone, or this kernel does not count so.
std::optional<unsigned long long> count_of(const LimitCounter& counter) {
  std::array<char, 1024> text{};
  ssize_t count = 0;
  while ((count = ::pread(counter.file.get(), text.data(), text.size(), 0)) < 0 && errno == EINTR) continue;
  if (count <= 0) return std::nullopt;
  for (const std::string& line : base::split(std::string(text.data(), static_cast<std::size_t>(count)), '\n'))
    if (line.starts_with(counter.field + " ")) return base::parse_unsigned(line.substr(counter.field.size() + 1));
  return std::nullopt;
}

bool was_killed(std::string_view line) {
  const auto end = parse_worker_end(line);
  return end && end->how.starts_with("on signal 9 ");
}

}  // namespace

LimitsWatch::LimitsWatch(std::string pool, std::vector<LimitCounter> counters, std::map<std::string, std::string> in_words)
    : pool_(std::move(pool)), in_words_(std::move(in_words)) {
  for (LimitCounter& counter : counters)
    if (watched_.size() < kMost) watched_.push_back({std::move(counter), 0, 0, std::nullopt});
}

// Under a fork bomb a counter changes faster than anybody reads.
void LimitsWatch::wait_for(std::span<pollfd, kMost> polled, Instant now) const {
  const bool rests = looked_ && now < *looked_ + kBetweenLooks;
  for (std::size_t i = 0; i < kMost; ++i) {
    const bool waits = !rests && i < watched_.size() && watched_[i].counter.file && watched_[i].counter.notifies;
    polled[i] = {waits ? watched_[i].counter.file.get() : -1, POLLPRI, 0};
  }
}

std::vector<std::string> LimitsWatch::handle(std::span<const pollfd, kMost> polled, Instant now) {
  if (std::none_of(polled.begin(), polled.end(), [](const pollfd& one) { return one.revents != 0; })) return {};
  look(now);
  return tell(now, false);
}

std::vector<std::string> LimitsWatch::see(std::string_view line, Instant now) {
  if (watched_.empty() || !was_killed(line)) return {};
  look(now);
  return tell(now, false);
}

std::vector<std::string> LimitsWatch::report(Instant now) {
  if (is_quiet() && (!looked_ || now >= *looked_ + kQuietLooks)) look(now);
  return tell(now, false);
}

std::vector<std::string> LimitsWatch::last_report() {
  look({});
  return tell({}, true);
}

std::optional<Instant> LimitsWatch::due(Instant now) const {
  std::optional<Instant> first;
  if (looked_ && now < *looked_ + kBetweenLooks) first = *looked_ + kBetweenLooks;
  if (!first && is_quiet()) first = looked_ ? *looked_ + kQuietLooks : now;
  for (const Watched& one : watched_)
    if (one.untold != 0 && one.told && (!first || *one.told + kBetweenLines < *first)) first = *one.told + kBetweenLines;
  return first;
}

// Some counter has nobody who tells.
bool LimitsWatch::is_quiet() const {
  return std::any_of(watched_.begin(), watched_.end(), [](const Watched& one) { return one.counter.file && !one.counter.notifies; });
}

// A counter that cannot be read any more would be ready for ever.
void LimitsWatch::look(Instant now) {
  looked_ = now;
  for (Watched& one : watched_) {
    if (!one.counter.file) continue;
    const auto count = count_of(one.counter);
    if (!count) {
      one.counter.file.reset();
      continue;
    }
    if (*count > one.seen) one.untold += *count - one.seen;
    one.seen = *count;
  }
}

std::vector<std::string> LimitsWatch::tell(Instant now, bool at_once) {
  std::vector<std::string> lines;
  for (Watched& one : watched_) {
    if (one.untold == 0 || (!at_once && one.told && now < *one.told + kBetweenLines)) continue;
    const auto words = in_words_.find(one.counter.key);
    lines.push_back(pool_ + ": the box ran into " + (words == in_words_.end() ? one.counter.key : words->second) + ": " +
                    what_happened(one.counter.key, one.untold));
    one.untold = 0;
    one.told = now;
  }
  return lines;
}

}  // namespace launcher
