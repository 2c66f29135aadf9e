// Paths in which `*` stands for a part of one file name: "lib/exe/*.php". It crosses no "/" and does not stand for a
// leading dot. As fnmatch(3) with FNM_PATHNAME and FNM_PERIOD, without its other special characters.
#pragma once

#include <string>
#include <string_view>

namespace base {

bool matches_name(std::string_view pattern, std::string_view name);
bool matches_path(std::string_view pattern, std::string_view path);

// The same as a regular expression, without anchors; every other character stands for itself.
std::string pattern_to_regex(std::string_view pattern);

}  // namespace base
