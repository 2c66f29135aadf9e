#include "profiles/base/pattern.h"

#include "profiles/base/text.h"

namespace base {
namespace {

bool matches_rest(std::string_view pattern, std::string_view name) {
  if (pattern.empty()) return name.empty();
  if (pattern.front() != '*')
    return !name.empty() && name.front() == pattern.front() && matches_rest(pattern.substr(1), name.substr(1));
  for (std::size_t taken = 0; taken <= name.size(); ++taken)
    if (matches_rest(pattern.substr(1), name.substr(taken))) return true;
  return false;
}

bool is_special(char c) { return std::string_view("\\^$.|?*+()[]{}").find(c) != std::string_view::npos; }

}  // namespace

bool matches_name(std::string_view pattern, std::string_view name) {
  if (pattern.starts_with('*') && name.starts_with('.')) return false;
  return matches_rest(pattern, name);
}

bool matches_path(std::string_view pattern, std::string_view path) {
  const auto patterns = split(pattern, '/'), names = split(path, '/');
  if (patterns.size() != names.size()) return false;
  for (std::size_t i = 0; i < names.size(); ++i)
    if (!matches_name(patterns[i], names[i])) return false;
  return true;
}

std::string pattern_to_regex(std::string_view pattern) {
  std::string out;
  char before = '/';
  for (const char c : pattern) {
    if (c == '*') {
      out += before == '/' ? "(?!\\.)[^/]*" : "[^/]*";
    } else {
      if (is_special(c)) out += '\\';
      out += c;
    }
    before = c;
  }
  return out;
}

}  // namespace base
