// The log that a launcher keeps of its own: two files of bounded size. When one is full the other is emptied and written,
// so that nothing has to be renamed by a launcher that may no longer open a path. A number in its first line says which is
// the newer one; every other line begins with its time.
//
//   fpmbox-log 00000000000000000017
//   2026-11-24T09:15:56.123456Z wiki: php-fpm ended with code 1, which nobody asked for
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace launcher {

// Two files that take turns, and whether their lines begin with a time.
struct LogFiles {
  const char* names[2];
  unsigned mode;
  bool is_timed;
  bool is_claimed = false;  // by who writes it, with a lock: otherwise the pool's claim is enough
};
inline constexpr LogFiles kLogFiles{{"log.0", "log.1"}, 0640, true};
// Denials as lines of JSON, which have a time of their own; they say what a site did, so that nobody else reads them.
inline constexpr LogFiles kDenialFiles{{"denials.0", "denials.1"}, 0600, false};
// Of commands beside the pool, which may run at the same time: each takes the first that no other one writes.
inline constexpr LogFiles kCommandDenialFiles[] = {{{"denials.command-0.0", "denials.command-0.1"}, 0600, false, true},
                                                   {{"denials.command-1.0", "denials.command-1.1"}, 0600, false, true},
                                                   {{"denials.command-2.0", "denials.command-2.1"}, 0600, false, true},
                                                   {{"denials.command-3.0", "denials.command-3.1"}, 0600, false, true}};
// What was not written to for so long is emptied by the next launcher.
inline constexpr std::chrono::hours kLogExpiry{30 * 24};
inline constexpr std::size_t kLogFileLimit = 512 * 1024;
inline constexpr std::size_t kLogHeaderLength = 32;

std::string log_header(std::uint64_t number);
std::optional<std::uint64_t> read_log_header(std::string_view start);

using WallTime = std::chrono::system_clock::time_point;
std::string time_text(WallTime time);  // RFC 3339, in UTC: no time zone is read

// With its time, its newline, and its control characters escaped.
std::string log_line(WallTime time, std::string_view text);

}  // namespace launcher
