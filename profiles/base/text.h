// Small text functions without a better home.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace base {

std::vector<std::string> split(std::string_view text, char separator);
std::string join(std::span<const std::string> parts, std::string_view separator);

// The candidate nearest to `word` by edit distance, or "" when none is near enough to be meant.
std::string nearest(std::string_view word, std::span<const std::string> candidates);

// Control characters, DEL, what turns the direction of a line, and invalid UTF-8 as \xNN, so that hostile bytes cannot drive a
// terminal or a reader. Text that is escaped already stays as it is.
std::string escape_control(std::string_view text);

// "/a/b/../c//d/" -> "/a/c/d", by the text alone.
std::string without_dots(std::string_view path);
// true when `path` is absolute with no empty, "." or ".." component (a lone "/" is normal).
bool is_normal_absolute(std::string_view path);
// true when `path` is relative with no empty, "." or ".." component.
bool is_normal_relative(std::string_view path);

}  // namespace base
