#include "launcher/cli/pools.h"

#include <sys/stat.h>

#include <algorithm>

#include "launcher/cli/catalog.h"
#include "profiles/checks/checks.h"

namespace cli {
namespace {

std::string folder_of(const std::string& file) {
  const auto slash = file.rfind('/');
  return slash == file.npos ? "." : file.substr(0, slash);
}

bool is_same_file(const std::string& a, const std::string& b) {
  struct stat first = {}, second = {};
  return ::stat(a.c_str(), &first) == 0 && ::stat(b.c_str(), &second) == 0 && first.st_dev == second.st_dev &&
         first.st_ino == second.st_ino;
}

std::vector<std::string> folders_of(const std::vector<Loaded>& pools) {
  std::vector<std::string> folders;
  for (const Loaded& pool : pools)
    if (pool.is_pool) folders.push_back(folder_of(pool.file));
  std::sort(folders.begin(), folders.end());
  folders.erase(std::unique(folders.begin(), folders.end()), folders.end());
  return folders;
}

// A pool that cannot be compared must not keep the others from starting.
void warn_of(const std::string& file, const std::string& why, base::Diagnostics& diagnostics) {
  diagnostics.warning({file, 0, 0}, {}, "this pool of the same folder was not looked at beside the others" + why,
                      "run: fpmbox check " + file);
}

bool was_read(const Loaded& pool) { return !pool.composed.layers.empty() && pool.composed.layers.back() == pool.file; }

std::vector<Loaded> load_others(const std::vector<Loaded>& given, const Globals& globals,
                                base::Diagnostics& diagnostics) {
  std::vector<Loaded> out;
  for (const std::string& folder : folders_of(given)) {
    for (const std::string& file : profiles_in(folder)) {
      if (std::any_of(given.begin(), given.end(), [&](const Loaded& one) { return is_same_file(one.file, file); }))
        continue;
      base::Diagnostics unheard;
      auto loaded = load_profile(file, globals, unheard);
      if (!loaded) {
        warn_of(file, ": " + loaded.error().text(), diagnostics);
      } else if (!was_read(loaded.value())) {
        warn_of(file, ": it cannot be read", diagnostics);
      } else if (loaded.value().is_pool) {
        out.push_back(std::move(loaded).value());
      }
    }
  }
  return out;
}

profiles::NamedPolicy named(const Loaded& pool) { return {pool.file, &pool.composed.policy, &pool.composed.origins}; }

}  // namespace

void check_beside_others(const std::vector<Loaded>& given, const Globals& globals, base::Diagnostics& diagnostics) {
  // Pair by pair, so that a quarrel between two pools that nobody asked about is not reported. What is wrong with a
  // pair is reported at the later of the two.
  const std::vector<Loaded> others = load_others(given, globals, diagnostics);
  std::vector<const Loaded*> before;
  for (const Loaded& other : others) before.push_back(&other);
  for (const Loaded& pool : given) {
    if (!pool.is_pool) continue;
    for (const Loaded* other : before) {
      const profiles::NamedPolicy pair[] = {named(*other), named(pool)};
      if (!is_same_file(other->file, pool.file)) profiles::check_neighbours(pair, diagnostics, pool.for_caller);
    }
    before.push_back(&pool);
  }
}

}  // namespace cli
