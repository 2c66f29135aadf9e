#include "images/cli/differences.h"

#include <algorithm>
#include <optional>
#include <set>

#include "profiles/base/diagnostics.h"
#include "profiles/base/text.h"
#include "profiles/compare/compare.h"
#include "profiles/load/compose.h"

namespace images {
namespace {

using Json = nlohmann::ordered_json;
using Words = std::multiset<std::string>;

Words words_of(const Json& list) {
  Words out;
  for (const Json& one : list) out.insert(one.get<std::string>());
  return out;
}

Words packages_of(const Json& list) {
  Words out;
  for (const Json& one : list) out.insert(one.at("name").get<std::string>() + " " + one.at("version").get<std::string>());
  return out;
}

// "Entrypoint/0=/fpmbox", so that one changed word is one line. Labels are digests of what is compared already.
Words settings_of(Json config) {
  config.erase("Labels");
  const Json flat = config.flatten();
  Words out;
  for (const auto& [key, value] : flat.items()) out.insert(key.substr(1) + "=" + value.dump());
  return out;
}

Words lines_of(const Json& text) {
  Words out;
  for (const std::string& line : base::split(text.get<std::string>(), '\n'))
    if (!line.empty()) out.insert(line);
  return out;
}

struct Row {
  const char* key;
  const char* word;
  Words (*read)(const Json&);
  bool widens;  // when there is more of it
};
constexpr Row kRows[] = {
    {"packages", "package", packages_of, false},   {"executables", "executable", words_of, true},
    {"setuid", "setuid", words_of, true},          {"not_roots", "not root's", words_of, true},
    {"extensions", "extension", words_of, true},   {"config", "setting", [](const Json& json) { return settings_of(json); }, false},
};

void add_missing(const Words& here, const Words& there, const std::string& start, bool widens, std::vector<Change>& out) {
  Words left = here;
  for (const std::string& word : there)
    if (const auto at = left.find(word); at != left.end()) left.erase(at);
  for (const std::string& word : left) out.push_back({start + word, widens});
}

// An image of somebody else may hold any text there.
std::optional<profiles::Policy> policy_of(const Json& text) {
  base::Diagnostics diagnostics;
  const auto read = [&](const std::string&) -> base::Result<std::string> { return text.get<std::string>(); };
  auto composed = profiles::compose("", read, "pool.yaml", diagnostics);
  if (diagnostics.has_errors()) return std::nullopt;
  return std::move(composed.policy);
}

// Key by key where both are policies: calls, extensions, settings, writable paths. Lines else, and then nobody knows what widens.
void add_policy(const Json& from, const Json& to, std::vector<Change>& out) {
  const auto before = policy_of(from), after = policy_of(to);
  if (!before || !after) {
    add_missing(lines_of(from), lines_of(to), "policy - ", true, out);
    add_missing(lines_of(to), lines_of(from), "policy + ", true, out);
    return;
  }
  for (const profiles::Difference& one : profiles::compare(*before, *after)) out.push_back({"policy " + profiles::text_of(one), one.widens});
}

}  // namespace

std::vector<Change> differences(const Json& from, const Json& to) {
  std::vector<Change> out;
  for (const Row& row : kRows) {
    const Words before = row.read(from.at(row.key)), after = row.read(to.at(row.key));
    add_missing(before, after, std::string(row.word) + " - ", false, out);
    add_missing(after, before, std::string(row.word) + " + ", row.widens, out);
  }
  add_policy(from.at("policy"), to.at("policy"), out);
  for (std::size_t i = 0; i < std::min(from.at("layers").size(), to.at("layers").size()); ++i)
    if (from.at("layers").at(i).at("diff_id") != to.at("layers").at(i).at("diff_id"))
      out.push_back({"layer changed: " + to.at("layers").at(i).at("name").get<std::string>(), false});
  return out;
}

}  // namespace images
