#include "profiles/checks/report.h"

#include <algorithm>

#include "profiles/base/text.h"
#include "profiles/base/utf8.h"

namespace profiles {

base::Position place_of(const CheckInput& input, const std::string& key) {
  const base::Position where = input.composed.origins.find(key).where;
  if (!where.file.empty() || input.composed.layers.empty()) return where;
  return {input.composed.layers.back(), 0, 0};
}

void error(const CheckInput& input, const std::string& key, std::string what, std::string fix) {
  input.diagnostics.error(place_of(input, key), key, std::move(what), std::move(fix));
}

void missing(const CheckInput& input, const std::string& key, std::string what, std::string fix) {
  base::Position where = place_of(input, key);
  if (!input.composed.layers.empty() && where.file != input.composed.layers.back())
    where = {input.composed.layers.back(), 0, 0};
  input.diagnostics.error(where, key, std::move(what), std::move(fix));
}

void warning(const CheckInput& input, const std::string& key, std::string what, std::string fix) {
  input.diagnostics.warning(place_of(input, key), key, std::move(what), std::move(fix));
}

bool set_by_pool(const CheckInput& input, const std::string& key) {
  const std::vector<std::string>& layers = input.composed.layers;
  // A flat profile widens nothing: all that it grants stands in it.
  return input.is_pool && layers.size() > 1 && input.composed.origins.find(key).where.file == layers.back();
}

std::string did_you_mean(const std::string& word, const std::vector<std::string>& candidates, std::string otherwise) {
  const std::string near = base::nearest(word, candidates);
  return near.empty() ? std::move(otherwise) : "did you mean `" + near + "`?";
}

bool is_within(std::string_view path, std::string_view folder) {
  if (folder == "/") return path.starts_with('/');
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

bool consists_of(std::string_view text, std::initializer_list<std::string_view> sets) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return std::any_of(sets.begin(), sets.end(), [&](std::string_view set) { return set.find(c) != set.npos; });
  });
}

bool is_identifier(std::string_view text) {
  return consists_of(text, {kLower, kUpper, kDigits, "_"}) && kDigits.find(text.front()) == std::string_view::npos;
}

void check_ini_value(const CheckInput& input, const std::string& key, const std::string& value) {
  // The parser of ini files expands ${NAME}, and ends a quoted text at a quote or, after a backslash, beyond it.
  const bool is_hazard = value.find('"') != value.npos || value.find("${") != value.npos || value.ends_with('\\');
  if (base::has_control(value))
    error(input, key, "its value holds a line end or another control character", "write one line");
  else if (is_hazard)
    error(input, key, "its value holds \", ${ or a \\ at its end, which ini files take for something else",
          "write it without");
}

}  // namespace profiles
