// Denial: one act that the box refused, or that failed because the box does not have what it wanted. A value with two
// renderings: a line for people, and a line of JSON for programs.
//
//   wiki: denied: bpf(1) in /srv/wiki/x.php (as the pool claims) (pid 4711); decided by ...; to permit it add ...
//   {"time": "...", "pool": "wiki", "kind": "system call", "act": "bpf(1)", ...}
//
// What a pool claims (its script, what its messages say) is text and nothing else. No query string, cookie or address of
// a client is in it; control characters are escaped, and every text is bounded.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "profiles/base/result.h"

namespace launcher {

struct Denial {
  enum class Kind {
    system_call,  // refused by the filter, as the kernel says it
    write,        // a path that is read-only in the box; these and all below as PHP or FPM say it
    absent,       // a path of the host that is not in the box
    connect,      // a server that the box cannot reach
    extension,    // a function, class or constant of an extension that is not loaded
    function,     // a PHP function that is disabled
    limit,        // memory, time, size, number of workers
    start,        // a script that the guard did not let start
  };
  std::chrono::system_clock::time_point time{};
  std::string pool;
  std::int64_t generation = 0;  // of the box: its control group is fpmbox-POOL-GENERATION
  std::int64_t pid = 0;         // of the system, for a system call; as the pool numbers its processes otherwise; 0: not known
  Kind kind = Kind::system_call;
  std::string act;         // in words
  std::string script;      // as the pool claims; empty: not known
  std::string decided_by;  // "filesystem.writable (wiki.yaml:7:3)"
  std::string path;        // of a write below the code: what was written, relative to it
  std::string permit;      // YAML that would permit it, a key a line; empty: no profile can, or it is not known
  std::string note;        // what else is to be known about that
  std::uint64_t count = 1;
  friend bool operator==(const Denial&, const Denial&) = default;
};

inline constexpr std::size_t kLongestDenialText = 512;  // of each of its texts, before control characters are escaped

std::string_view name_of(Denial::Kind kind);

// Texts cut to their bound, with no control character in them and without what stands behind a question mark in a URL.
Denial bounded(Denial denial);
std::string without_query(std::string_view text);

// For people, without a newline. `denial` is bounded().
std::string denial_line(const Denial& denial);
// The same for many at once: "wiki: denied: ptrace 412 more times".
std::string more_times_line(const Denial& denial);

// One line, without its newline.
std::string write_denial(const Denial& denial);
base::Result<Denial> read_denial(std::string_view json);

}  // namespace launcher
