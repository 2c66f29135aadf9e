#include "images/tree/matomo_plugins.h"

#include <algorithm>
#include <set>

#include "profiles/base/text.h"

namespace images {
namespace {

using Names = std::set<std::string>;

constexpr const char* kOwn = "config/config.ini.php";
constexpr const char* kShipped = "config/global.ini.php";
constexpr const char* kManager = "core/Plugin/Manager.php";
constexpr std::string_view kAlways = "$pluginToAlwaysActivate";
constexpr std::string_view kFolder = "plugins/";

std::string text_at(const PathMap& code, const std::string& path) {
  const Entry* entry = code.find(path);
  return entry == nullptr || !entry->content ? std::string() : *entry->content;
}

std::string trimmed(std::string_view text, std::string_view what) {
  const auto from = text.find_first_not_of(what), to = text.find_last_not_of(what);
  return from == text.npos ? std::string() : std::string(text.substr(from, to - from + 1));
}

// `CoreVue`, `"CoreVue"`, both with a comment after them
std::string value_of(const std::string& text) {
  const std::string word = trimmed(text, " \t");
  const bool is_quoted = word.starts_with('"') || word.starts_with('\'');
  return is_quoted ? word.substr(1, word.find(word[0], 1) - 1) : trimmed(word.substr(0, word.find(';')), " \t");
}

// "Plugins[] = CoreVue" below "[Plugins]"
Names enabled_in(const std::string& ini) {
  Names out;
  bool is_list = false;
  for (const std::string& line : base::split(ini, '\n')) {
    const std::string word = trimmed(line, " \t\r");
    if (word.starts_with('[')) is_list = word.starts_with("[Plugins]");
    if (!is_list || !word.starts_with("Plugins[]")) continue;
    const auto equals = word.find('=');
    if (equals != word.npos) out.insert(value_of(word.substr(equals + 1)));
  }
  return out;
}

// "$pluginToAlwaysActivate = array('CoreHome', 'Login');", however it is broken into lines
Names always_in(const std::string& manager) {
  Names out;
  const auto at = manager.find(kAlways), end = manager.find(';', at == manager.npos ? 0 : at);
  if (at == manager.npos || end == manager.npos) return out;
  const std::vector<std::string> parts = base::split(manager.substr(at, end - at), '\'');
  for (std::size_t i = 1; i + 1 < parts.size(); i += 2) out.insert(parts[i]);
  return out;
}

Names present(const PathMap& code) {
  Names out;
  for (const auto& [path, entry] : code.entries()) {
    if (!path.starts_with(kFolder)) continue;
    const auto slash = path.find('/', kFolder.size());
    if (slash != path.npos) out.insert(path.substr(kFolder.size(), slash - kFolder.size()));
  }
  return out;
}

}  // namespace

std::vector<std::string> idle_plugins(const PathMap& code, PluginLists lists) {
  Names loaded;
  if (lists != PluginLists::none) loaded = enabled_in(text_at(code, kOwn));
  if (lists == PluginLists::own_or_shipped && loaded.empty()) loaded = enabled_in(text_at(code, kShipped));
  const Names always = always_in(text_at(code, kManager));
  if (loaded.empty() || always.empty()) return {};
  loaded.insert(always.begin(), always.end());
  const Names all = present(code);
  std::vector<std::string> out;
  std::set_difference(all.begin(), all.end(), loaded.begin(), loaded.end(), std::back_inserter(out));
  return out;
}

}  // namespace images
