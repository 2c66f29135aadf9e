#include "launcher/supervise/respawn.h"

#include <array>
#include <charconv>

#include "profiles/base/text.h"

namespace launcher {

namespace {

struct Threshold {
  std::size_t count;
  std::chrono::seconds within;
};
constexpr Threshold kAtStart{10, std::chrono::seconds(10)};
constexpr Threshold kInService{500, std::chrono::seconds(30)};
constexpr Milliseconds kShortLife{1000};
constexpr std::size_t kQuoted = 512;

// Ends that are FPM's or the filter's and not a request's: FPM_EXIT_SOFTWARE, FPM_EXIT_CONFIG, and a forbidden call.
constexpr std::array kStartFailures = {"with code 70", "with code 78", "on signal 31 (SIGSYS)",
                                       "on signal 31 (SIGSYS - core dumped)"};

bool consume(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// Past `end` and what stands before it, or nothing.
bool consume_until(std::string_view& text, std::string_view end, std::string_view& skipped) {
  const std::size_t at = text.find(end);
  if (at == std::string_view::npos) return false;
  skipped = text.substr(0, at);
  text.remove_prefix(at + end.size());
  return true;
}

std::optional<unsigned> number(std::string_view text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Past "[23-Nov-2026 22:47:29] WARNING: [pool www] child 12 ". Anchored: what PHP code writes comes later in a line. Native
// code in a worker can write such lines itself (FPM leaves its workers a copy of the log); it could end its pool anyway.
bool consume_head(std::string_view& line) {
  std::string_view skipped;
  if (!consume(line, "[") || !consume_until(line, "] ", skipped)) return false;
  if (!consume(line, "WARNING: ") && !consume(line, "NOTICE: ")) return false;
  if (!consume(line, "[pool ") || !consume_until(line, "] child ", skipped)) return false;
  return consume_until(line, " ", skipped) && number(skipped).has_value();
}

bool is_start_failure(const std::string& how) {
  for (const char* known : kStartFailures)
    if (how == known) return true;
  return false;
}

std::string verdict(const Threshold& limit, std::string_view line, std::string_view last_words) {
  std::string text = "workers die as soon as they start: " + std::to_string(limit.count) + " within " +
                     std::to_string(limit.within.count()) +
                     " s, the last: " + base::escape_control(line.substr(0, kQuoted));
  if (!last_words.empty()) text += "; a worker's last words: " + base::escape_control(last_words);
  return text;
}

}  // namespace

std::optional<WorkerEnd> parse_worker_end(std::string_view line) {
  std::string_view how, seconds, fraction;
  if (!consume_head(line) || !consume(line, "exited ")) return std::nullopt;
  if (!consume_until(line, " after ", how) || !consume_until(line, ".", seconds)) return std::nullopt;
  if (!consume_until(line, " seconds from start", fraction) || fraction.size() != 6) return std::nullopt;
  const auto whole = number(seconds);
  const auto millionths = number(fraction);
  if (!whole || !millionths) return std::nullopt;
  return WorkerEnd{std::string(how), std::chrono::seconds(*whole) + Milliseconds(*millionths / 1000)};
}

std::optional<std::string> RespawnWatch::see(std::string_view line, Instant now) {
  std::string_view rest = line;
  if (consume_head(rest) && consume(rest, "said into stderr: ")) last_words_ = rest.substr(0, kQuoted);
  const auto end = parse_worker_end(line);
  if (!end || end->lived >= kShortLife) return std::nullopt;
  if (answered_ && end->how == "with code 0") return std::nullopt;
  const bool at_start = !answered_ || is_start_failure(end->how);
  std::deque<Instant>& ends = at_start ? start_failures_ : crashes_;
  const Threshold& limit = at_start ? kAtStart : kInService;
  ends.push_back(now);
  while (now - ends.front() > limit.within) ends.pop_front();
  if (ends.size() < limit.count) return std::nullopt;
  return verdict(limit, line, last_words_);
}

}  // namespace launcher
