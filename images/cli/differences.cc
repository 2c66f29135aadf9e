#include "images/cli/differences.h"

#include <set>

#include "profiles/base/text.h"

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
};
constexpr Row kRows[] = {
    {"packages", "package", packages_of},   {"executables", "executable", words_of},
    {"setuid", "setuid", words_of},         {"not_roots", "not root's", words_of},
    {"config", "setting", [](const Json& json) { return settings_of(json); }}, {"policy", "policy", lines_of},
};

void add_missing(const Words& here, const Words& there, const std::string& start, std::vector<std::string>& out) {
  Words left = here;
  for (const std::string& word : there)
    if (const auto at = left.find(word); at != left.end()) left.erase(at);
  for (const std::string& word : left) out.push_back(start + word);
}

}  // namespace

std::vector<std::string> differences(const Json& from, const Json& to) {
  std::vector<std::string> out;
  for (const Row& row : kRows) {
    const Words before = row.read(from.at(row.key)), after = row.read(to.at(row.key));
    add_missing(before, after, std::string(row.word) + " - ", out);
    add_missing(after, before, std::string(row.word) + " + ", out);
  }
  for (std::size_t i = 0; i < std::min(from.at("layers").size(), to.at("layers").size()); ++i)
    if (from.at("layers").at(i).at("diff_id") != to.at("layers").at(i).at("diff_id"))
      out.push_back("layer changed: " + to.at("layers").at(i).at("name").get<std::string>());
  return out;
}

}  // namespace images
