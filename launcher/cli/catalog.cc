#include "launcher/cli/catalog.h"

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "profiles/base/text.h"

namespace cli {
namespace {

constexpr std::string_view kEnding = ".yaml";
constexpr const char* kSyscallGroups = "syscalls.yaml";

bool exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

std::string executable_path() {
  char path[PATH_MAX] = {};
  return ::readlink("/proc/self/exe", path, sizeof path - 1) > 0 ? path : "";
}

std::string canonical(const std::string& path) {
  const std::unique_ptr<char, void (*)(void*)> real(::realpath(path.c_str(), nullptr), ::free);
  return real ? real.get() : "";
}

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == path.npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

bool is_path(const std::string& word) { return word.find('/') != word.npos || word.ends_with(kEnding); }

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  for (const std::string& path : profiles_in(folder)) {
    const std::string file = path.substr(folder.size() + 1);
    names.push_back(file.substr(0, file.size() - kEnding.size()));
  }
  return names;
}

base::Error unknown_word(const std::string& word, const std::string& catalog, const std::string& pools) {
  std::vector<std::string> names = names_in(pools);
  for (std::string& name : names_in(catalog)) names.push_back(std::move(name));
  const std::string near = base::nearest(word, names);
  const std::string advice =
      near.empty() ? "give the path of a file, or one of: " + base::join(names, ", ") : "did you mean `" + near + "`?";
  return {"there is no pool or profile `" + word + "` in " + pools + " or " + catalog + "; " + advice, {}, 0, {}};
}

}  // namespace

std::vector<std::string> catalog_places(const std::string& option, const std::string& executable) {
  if (!option.empty()) return {option};
  std::vector<std::string> places;
  if (!executable.empty()) {
    const std::string folder = folder_of(executable);
    places = {folder + "/catalog", folder_of(folder) + "/share/fpmbox/catalog"};
  }
  if (std::find(places.begin(), places.end(), FPMBOX_CATALOG) == places.end()) places.emplace_back(FPMBOX_CATALOG);
  return places;
}

base::Result<std::string> find_catalog(const std::string& option) {
  const auto places = catalog_places(option, executable_path());
  for (const std::string& place : places)
    if (exists(place + "/base.yaml")) return place;
  return base::Error{
      "there is no catalog of profiles (base.yaml) in " + base::join(places, ", ") + "; name it with --catalog",
      {},
      0,
      {}};
}

std::string own_pools(const char* config, const char* home) {
  if (config != nullptr && config[0] == '/') return std::string(config) + "/fpmbox/pools";
  return home != nullptr && home[0] == '/' ? std::string(home) + "/.config/fpmbox/pools" : "";
}

base::Result<ProfileFile> resolve_profile(const std::string& word, const std::string& catalog,
                                          const std::string& pools) {
  if (is_path(word)) {
    const std::string real = canonical(word);
    return ProfileFile{word, real.empty() || folder_of(real) != canonical(catalog)};
  }
  const std::string file = "/" + word + std::string(kEnding);
  if (!word.empty() && exists(pools + file)) return ProfileFile{pools + file, true};
  if (!word.empty() && exists(catalog + file)) return ProfileFile{catalog + file, false};
  return unknown_word(word, catalog, pools);
}

std::vector<std::string> profiles_in(const std::string& named) {
  std::string folder = named;
  while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  std::vector<std::string> out;
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(folder.c_str()), ::closedir);
  while (const dirent* entry = stream ? ::readdir(stream.get()) : nullptr) {
    const std::string name = entry->d_name;
    if (name.ends_with(kEnding) && !name.starts_with('.') && name != kSyscallGroups) out.push_back(folder + "/" + name);
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace cli
