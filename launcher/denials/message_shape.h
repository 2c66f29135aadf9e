// The two halves of reading a message: what stands around it, and whether it has a shape. No regular expressions: literal
// parts, searched from left to right, so that a hostile line costs its length and no more.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace launcher {

struct Message {
  enum class Source { php, fpm, guard };  // guard: plan/render_prelude.h
  Source source = Source::php;
  std::string_view text;    // without its label and its place: `mkdir(): Read-only file system`
  std::string_view script;  // as it says; may be empty
  std::int64_t pid = 0;     // of the process that said it, in the pool's numbering
};

// From a line of FPM's log, or of a command's errors, to a message; nothing when it is none that could be a denial.
//   [26-Nov-2026 13:09:10] WARNING: [pool wiki] child 2 said into stderr: "NOTICE: PHP message: PHP Warning:  mkdir(): ... in /srv/x.php on line 2"
std::optional<Message> read_message(std::string_view line);

// What stood for each `*` of the shape, from left to right; nothing when the text does not have it. The first part is at the
// text's beginning, the last at its end.
//   match("touch(): Unable to create file * because *", ...)
using Captures = std::array<std::string_view, 4>;
std::optional<Captures> match(std::string_view shape, std::string_view text);

}  // namespace launcher
