#include "images/tree/components.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "profiles/base/pattern.h"
#include "profiles/base/text.h"

namespace images {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kLongestHeader = 8 << 10;  // as WordPress reads of a plugin
constexpr std::size_t kLongestList = 16 << 20;

struct Found {
  std::string_view path, text;
  std::map<std::string, Component>& out;

  void add(const std::string& kind, const std::string& name, const std::string& version) const {
    if (name.empty()) return;
    std::string purl = "pkg:" + kind;
    for (const std::string& part : base::split(name, '/')) purl += "/" + percent(part);
    if (!version.empty()) purl += "@" + percent(version);
    out.emplace(purl, Component{name, version, purl, std::string(path)});
  }
};

std::string text_of(const Json& json, const char* key) {
  const auto at = json.find(key);
  return at != json.end() && at->is_string() ? at->get<std::string>() : std::string();
}

// composer.lock has two lists, installed.json one (Composer 2) or is one (Composer 1). Those for development are not asked for.
void read_composer(const Found& found) {
  const Json json = Json::parse(found.text, nullptr, false);
  const Json* list = &json;
  if (json.is_object()) {
    const auto at = json.find("packages");
    if (at == json.end()) return;
    list = &*at;
  }
  if (!list->is_array()) return;
  for (const Json& one : *list)
    if (one.is_object()) found.add("composer", text_of(one, "name"), text_of(one, "version"));
}

// "Version: 5.0" of a comment at the top.
std::string header(std::string_view text, std::string_view key) {
  const std::string_view head = text.substr(0, kLongestHeader);
  const auto at = head.find(key);
  if (at == head.npos) return {};
  const auto start = head.find_first_not_of(" \t", at + key.size());
  if (start == head.npos) return {};
  std::string out(head.substr(start, head.find_first_of("\r\n", start) - start));
  out.resize(std::min({out.size(), out.find("*/"), out.find("?>")}));  // as WordPress does
  while (!out.empty() && (out.back() == ' ' || out.back() == '\t')) out.pop_back();
  return base::escape_control(out);
}

// The name of the folder, or of a file without its ending: what WordPress calls the slug.
std::string slug(std::string_view path, std::string_view above) {
  const std::string_view rest = path.substr(path.find(above) + above.size());
  const auto slash = rest.find('/');
  return std::string(slash == rest.npos ? rest.substr(0, rest.rfind('.')) : rest.substr(0, slash));
}

void read_plugin(const Found& found) {
  if (header(found.text, "Plugin Name:").empty()) return;
  found.add("generic/wordpress-plugin", slug(found.path, "/plugins/"), header(found.text, "Version:"));
}

void read_theme(const Found& found) {
  if (header(found.text, "Theme Name:").empty()) return;
  found.add("generic/wordpress-theme", slug(found.path, "/themes/"), header(found.text, "Version:"));
}

// "$wp_version = '6.1.1';": what lies between the first quotes behind the words.
std::string quoted_behind(std::string_view text, std::string_view words) {
  const auto at = text.find(words);
  const auto start = at == text.npos ? at : text.find('\'', at);
  const auto end = start == text.npos ? start : text.find('\'', start + 1);
  return end == text.npos || end - start > 40 ? std::string() : std::string(text.substr(start + 1, end - start - 1));
}

void read_wordpress(const Found& found) {
  if (const std::string version = quoted_behind(found.text, "$wp_version ="); !version.empty()) found.add("generic", "wordpress", version);
}

void read_matomo(const Found& found) {
  if (const std::string version = quoted_behind(found.text, "const VERSION ="); !version.empty() && found.text.find("Piwik") != found.text.npos)
    found.add("generic", "matomo", version);
}

void read_matomo_plugin(const Found& found) {
  const Json json = Json::parse(found.text, nullptr, false);
  if (json.is_object()) found.add("generic/matomo-plugin", text_of(json, "name"), text_of(json, "version"));
}

struct Row {
  const char* pattern;  // of the end of a path
  void (*read)(const Found&);
};
constexpr Row kRows[] = {
    {"composer.lock", read_composer},
    {"vendor/composer/installed.json", read_composer},
    {"wp-content/plugins/*.php", read_plugin},
    {"wp-content/plugins/*/*.php", read_plugin},
    {"wp-content/themes/*/style.css", read_theme},
    {"wp-includes/version.php", read_wordpress},
    {"core/Version.php", read_matomo},
    {"plugins/*/plugin.json", read_matomo_plugin},
};

bool ends_as(const std::string& path, const std::string& pattern) {
  const std::vector<std::string> parts = base::split(path, '/');
  const auto depth = base::split(pattern, '/').size();
  return parts.size() >= depth && base::matches_path(pattern, base::join(std::span(parts).last(depth), "/"));
}

}  // namespace

std::vector<Component> components_of(const PathMap& code) {
  std::map<std::string, Component> found;
  for (const auto& [path, entry] : code.entries()) {
    if (!entry.content || entry.content->size() > kLongestList) continue;
    for (const Row& row : kRows)
      if (ends_as(path, row.pattern)) row.read({path, *entry.content, found});
  }
  std::vector<Component> out;
  for (auto& [purl, one] : found) out.push_back(std::move(one));
  return out;
}

std::string percent(std::string_view text) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    const auto byte = static_cast<unsigned char>(c);
    if (plain)
      out += c;
    else
      out += {'%', kHex[byte >> 4], kHex[byte & 15]};
  }
  return out;
}

}  // namespace images
