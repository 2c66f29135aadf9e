// fpmbox check: every mistake of pools and profiles in one go, those included that only this host reveals.
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "launcher/cli/catalog.h"
#include "launcher/cli/commands.h"
#include "launcher/cli/exit_codes.h"
#include "launcher/cli/json.h"
#include "launcher/cli/load.h"
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

// Folders become what lies in them. An empty one is a mistake of the caller, and a check that passes by it is not.
base::Result<std::vector<std::string>> files_meant(const std::vector<std::string>& words) {
  std::vector<std::string> out;
  for (const std::string& word : words) {
    const bool folder = word.find('/') != word.npos ? is_folder(word) : is_folder("./" + word) && !word.ends_with(".yaml");
    const auto found = folder ? profiles_in(word) : std::vector{word};
    if (found.empty()) return base::Error{"there is no .yaml file in " + word, {}, 0, {}};
    out.insert(out.end(), found.begin(), found.end());
  }
  return out;
}

void check_one(const Loaded& loaded, const CheckOptions& options, base::Diagnostics& diagnostics) {
  const auto& [policy, origins, layers, overridden] = loaded.composed;
  profiles::check_policy({loaded.composed, diagnostics, loaded.is_pool});
  if (options.no_host || !loaded.is_pool) return;
  const launcher::HostFacts facts = launcher::probe(policy, {});
  const launcher::HostCheckInput input{policy, origins, facts, diagnostics};
  launcher::check_host(input);
  launcher::check_code_tree(input);
}

std::string folder_of(const std::string& file) {
  const auto slash = file.rfind('/');
  return slash == file.npos ? "." : file.substr(0, slash);
}

bool is_same_file(const std::string& a, const std::string& b) {
  struct stat first = {}, second = {};
  return ::stat(a.c_str(), &first) == 0 && ::stat(b.c_str(), &second) == 0 && first.st_dev == second.st_dev &&
         first.st_ino == second.st_ino;
}

// The pools beside the given ones. Their own mistakes are not reported: nobody asked.
std::vector<Loaded> load_neighbours(const std::vector<Loaded>& given, const Globals& globals) {
  std::vector<std::string> folders;
  for (const Loaded& one : given)
    if (one.is_pool) folders.push_back(folder_of(one.file));
  std::sort(folders.begin(), folders.end());
  folders.erase(std::unique(folders.begin(), folders.end()), folders.end());
  std::vector<Loaded> out;
  for (const std::string& folder : folders) {
    for (const std::string& file : profiles_in(folder)) {
      if (std::any_of(given.begin(), given.end(), [&](const Loaded& one) { return is_same_file(one.file, file); })) continue;
      base::Diagnostics unheard;
      auto loaded = load_profile(file, globals, unheard);
      if (loaded && loaded.value().is_pool) out.push_back(std::move(loaded).value());
    }
  }
  return out;
}

profiles::NamedPolicy named(const Loaded& pool) { return {pool.file, &pool.composed.policy, &pool.composed.origins}; }

// Pair by pair, so that a quarrel between two pools that nobody asked about is not reported. The later one of a pair is
// where a mistake is reported.
void check_pairs(const std::vector<Loaded>& given, const std::vector<Loaded>& others, base::Diagnostics& diagnostics) {
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (!given[i].is_pool) continue;
    std::vector<const Loaded*> rest;
    for (const Loaded& other : others) rest.push_back(&other);
    for (std::size_t j = 0; j < i; ++j)
      if (given[j].is_pool && !is_same_file(given[j].file, given[i].file)) rest.push_back(&given[j]);
    for (const Loaded* other : rest) {
      const profiles::NamedPolicy pair[] = {named(*other), named(given[i])};
      profiles::check_neighbours(pair, diagnostics);
    }
  }
}

std::string counted(std::size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

void print_report(base::Diagnostics diagnostics, std::size_t files, bool json) {
  diagnostics.sort();
  const auto& all = diagnostics.all();
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
  for (const base::Diagnostic& one : all) std::printf("%s\n  %s", &one == &all.front() ? "" : ",", json_object(one).c_str());
  std::printf("%s]}\n", all.empty() ? "" : "\n");
}

int check(const CheckOptions& options, const Globals& globals) {
  const auto files = files_meant(options.files);
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
    check_one(loaded.value(), options, diagnostics);
    given.push_back(std::move(loaded).value());
  }
  check_pairs(given, load_neighbours(given, globals), diagnostics);
  print_report(diagnostics, given.size(), options.json);
  return diagnostics.has_errors() ? kBadProfile : kDone;
}

}  // namespace

void add_check(CLI::App& app, Globals& globals) {
  auto options = std::make_shared<CheckOptions>();
  CLI::App* command =
      app.add_subcommand("check", "every mistake, with file:line:column and what to write instead")->group(kProve);
  command->add_option("FILE", options->files, "pool files, folders of them, or names of pools or profiles")->required();
  command->add_flag("--json", options->json, "for programs");
  command->add_flag("--no-host", options->no_host, "only the files themselves, not whether they fit this host");
  command->callback([options, &globals] { globals.command = [options, &globals] { return check(*options, globals); }; });
}

}  // namespace cli
