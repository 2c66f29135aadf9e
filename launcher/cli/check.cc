// fpmbox check: every mistake of pools and profiles in one go, those included that only this host reveals.
#include <sys/stat.h>

#include <algorithm>

#include "launcher/cli/catalog.h"
#include "launcher/cli/commands.h"
#include "launcher/cli/exit_codes.h"
#include "launcher/cli/json.h"
#include "launcher/cli/load.h"
#include "launcher/cli/pools.h"
#include "launcher/facts/code_tree.h"
#include "launcher/facts/host_checks.h"
#include "launcher/facts/probe.h"
#include "profiles/checks/checks.h"

namespace cli {
namespace {

struct CheckOptions {
  std::vector<std::string> files;
  bool json = false;
  bool no_host = false;
};

bool is_folder(const std::string& path) {
  struct stat info = {};
  return ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

// A bare word is a pool's or profile's name first, whatever folder of that name lies here.
bool names_folder(const std::string& word, const std::string& catalog) {
  return is_folder(word) && (word.find('/') != word.npos || !resolve_profile(word, catalog).ok());
}

// Folders become what lies in them. An empty one is an error: a check that passes by finding nothing would mislead.
base::Result<std::vector<std::string>> files_meant(const std::vector<std::string>& words, const Globals& globals) {
  const std::string catalog = TRY(find_catalog(globals.catalog));
  std::vector<std::string> out;
  for (const std::string& word : words) {
    if (!names_folder(word, catalog)) {
      out.push_back(word);
      continue;
    }
    const auto found = profiles_in(word);
    if (found.empty()) return base::Error{"there is no .yaml file in " + word, {}, 0, {}};
    out.insert(out.end(), found.begin(), found.end());
  }
  return out;
}

void check_one(const Loaded& loaded, const CheckOptions& options, base::Diagnostics& diagnostics) {
  if (!check_loaded(loaded, diagnostics)) return;
  profiles::hint_at_policy({loaded.composed, diagnostics, loaded.is_pool, loaded.for_caller});
  if (options.no_host || !loaded.is_pool) return;
  sys::Stopwatch laps;
  const launcher::HostFacts facts = launcher::probe(loaded.composed.policy, {.starts_nothing = true}, laps);
  const launcher::HostCheckInput input{loaded.composed.policy, loaded.composed.origins, facts, diagnostics};
  launcher::check_host(input);
  launcher::check_code_tree(input);
}

std::string counted(std::size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

void print_report(const base::Diagnostics& diagnostics, std::size_t files, bool json) {
  const auto all = in_order(diagnostics);
  const auto is_error = [](const base::Diagnostic& one) { return one.severity == base::Severity::error; };
  const auto errors = static_cast<std::size_t>(std::count_if(all.begin(), all.end(), is_error));
  const std::size_t warnings = all.size() - errors;
  if (!json) {
    print_diagnostics(diagnostics, stdout);
    std::printf("%s, %s in %s\n", counted(errors, "error").c_str(), counted(warnings, "warning").c_str(),
                counted(files, "file").c_str());
    return;
  }
  std::printf("{\"files\": %zu, \"errors\": %zu, \"warnings\": %zu, \"diagnostics\": [", files, errors, warnings);
  for (const base::Diagnostic& one : all)
    std::printf("%s\n  %s", &one == &all.front() ? "" : ",", json_object(one).c_str());
  std::printf("%s]}\n", all.empty() ? "" : "\n");
}

int check(const CheckOptions& options, const Globals& globals) {
  const auto files = files_meant(options.files, globals);
  if (!files) {
    print_error(files.error().text());
    return kUsage;
  }
  base::Diagnostics diagnostics;
  std::vector<Loaded> given;
  for (const std::string& file : files.value()) {
    auto loaded = load_profile(file, globals, diagnostics);
    if (!loaded) {
      print_error(loaded.error().text());
      return kUsage;
    }
    if (!options.no_host) take_as_caller(loaded.value());
    check_one(loaded.value(), options, diagnostics);
    given.push_back(std::move(loaded).value());
  }
  check_beside_others(given, globals, diagnostics);
  print_report(diagnostics, given.size(), options.json);
  return diagnostics.has_errors() ? kBadProfile : kDone;
}

}  // namespace

void add_check(App app, Globals& globals) {
  auto options = std::make_shared<CheckOptions>();
  App command =
      app.add_subcommand("check", "every mistake, with file:line:column and what to write instead").group(kProve);
  command.add_option("FILE", options->files, "pool files, folders of them, or names of pools or profiles").required();
  command.add_flag("--json", options->json, "for programs");
  command.add_flag("--no-host", options->no_host, "only the files themselves, not whether they fit this host");
  command.callback(
      [options, &globals] { globals.command = [options, &globals] { return check(*options, globals); }; });
}

}  // namespace cli
