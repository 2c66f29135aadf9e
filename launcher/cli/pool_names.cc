#include "launcher/cli/pool_names.h"

#include <stdlib.h>
#include <unistd.h>

#include <algorithm>

#include "launcher/boxes/find.h"
#include "launcher/cli/catalog.h"
#include "launcher/cli/load.h"
#include "launcher/cli/other_users.h"
#include "launcher/facts/own_folders.h"
#include "launcher/plan/inside.h"
#include "profiles/base/text.h"

namespace cli {
namespace {

constexpr std::string_view kEnding = ".yaml";

std::string name_of(const std::string& word) {
  const std::string file = word.substr(word.rfind('/') + 1);
  return file.ends_with(kEnding) ? file.substr(0, file.size() - kEnding.size()) : file;
}

bool contains(const std::vector<std::string>& names, const std::string& name) { return std::find(names.begin(), names.end(), name) != names.end(); }

// Of the file that `run` would take for this word; "" where there is none, or it cannot be read.
std::string name_in_file(const std::string& word, const Globals& globals) {
  base::Diagnostics unheard;
  const auto loaded = load_profile(word, globals, unheard);
  return loaded && loaded.value().is_pool ? loaded.value().composed.policy.name : "";
}

// What runs under the very word comes first: its file may have been changed since.
base::Result<std::string> pool_of(const std::string& word, const std::vector<std::string>& known, const std::string& run, const Globals& globals) {
  if (contains(known, word) && launcher::read_box(run, word)) return word;
  const std::string said = name_in_file(word, globals);
  if (contains(known, said)) return said;
  std::string name = TRY(known_pool(word, known));
  return said.empty() ? name : said;
}

}  // namespace

base::Result<std::string> run_folder() {
  if (::geteuid() == 0) return std::string(launcher::outside::kRun);
  const launcher::OwnFolder own = launcher::own_run_directory(::getenv("XDG_RUNTIME_DIR"), ::geteuid());
  if (own.path.empty()) return base::Error{"you have no folder for boxes: " + own.reason + "; those of root answer to root alone", {}, 0, {}};
  return own.path;
}

base::Result<std::string> run_folder_of(const std::string& user) {
  if (user.empty()) return run_folder();
  const launcher::UserEntry entry = TRY(named_user(user));
  TRY(become_user(entry));
  return run_folder();
}

base::Result<std::string> known_pool(const std::string& word, const std::vector<std::string>& known) {
  const std::string name = name_of(word);
  if (contains(known, name)) return name;
  const std::string near = base::nearest(name, known);
  const std::string advice = !near.empty() ? "did you mean `" + near + "`?"
                             : known.empty() ? "there is none here"
                                             : "there are: " + base::join(known, ", ");
  return base::Error{"there is no pool `" + name + "`; " + advice, {}, 0, {}};
}

base::Result<std::vector<std::string>> known_pools(const std::vector<std::string>& words, const std::string& run, const Globals& globals) {
  std::vector<std::string> known = TRY(launcher::find_pool_folders(run));
  const std::string files = ::geteuid() == 0 ? kPools : own_pools(::getenv("XDG_CONFIG_HOME"), ::getenv("HOME"));
  for (const std::string& file : profiles_in(files)) known.push_back(name_of(file));
  std::sort(known.begin(), known.end());
  known.erase(std::unique(known.begin(), known.end()), known.end());
  std::vector<std::string> names;
  for (const std::string& word : words) {
    std::string name = TRY(pool_of(word, known, run, globals));
    if (!contains(names, name)) names.push_back(std::move(name));
  }
  return names;
}

}  // namespace cli
