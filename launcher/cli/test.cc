// fpmbox test: attacks a box of the profile from inside, and checks that its application works.
#include <unistd.h>


#include "launcher/cli/acts.h"
#include "launcher/cli/catalog.h"
#include "launcher/cli/commands.h"
#include "launcher/cli/exit_codes.h"
#include "launcher/cli/start.h"
#include "launcher/facts/container.h"
#include "launcher/facts/php.h"
#include "launcher/harness/expectations.h"
#include "launcher/harness/layers.h"
#include "launcher/harness/session.h"
#include "profiles/base/text.h"
#include "profiles/load/groups.h"

namespace cli {
namespace {

struct TestOptions {
  std::string file;
  std::string report = "text";
  std::vector<std::string> only;
  std::vector<std::string> without;
  std::vector<std::string> against;
  std::vector<std::string> inside;
  bool live = false;
  bool walls = false;
  bool mutants = false;
  bool list = false;
  bool in_scope = false;  // started again by ourselves
};

const std::map<std::string, harness::Format> kFormats = {
    {"text", harness::Format::text}, {"tap", harness::Format::tap}, {"junit", harness::Format::junit}, {"json", harness::Format::json}};

// What a trial shares with the command that made it. Each road is taken in a process of its own.
class Roads {
 public:
  Roads(const LoadedPool& pool, const launcher::PoolDirectory& claimed) : pool_(pool), claimed_(claimed) {}

  harness::Roads all() {
    return {[this](const launcher::Trial& trial) { return plan(trial); },
            [this](launcher::Plan plan, int ready) { return serve(std::move(plan), ready); },
            [this](launcher::Plan plan) { return attend(std::move(plan)); },
            {claimed_.directory.get(), claimed_.claim.get()}};
  }

 private:
  launcher::Plan plan(const launcher::Trial& trial) const {
    base::Diagnostics said_before;
    const profiles::Composed& composed = pool_.pool.composed;
    launcher::Request request;
    request.trial = trial;
    return launcher::plan({composed.policy, composed.origins, pool_.facts, request}, said_before);
  }

  int serve(launcher::Plan plan, int ready) const {
    sys::Stopwatch laps;
    PlannedPool planned{pool_.pool, std::move(plan), false};
    auto shared = share(claimed_);
    if (!shared) return kSetupFailed;
    planned.claimed = std::move(shared).value();
    launcher::Output output(STDERR_FILENO);
    const auto answered = [ready] { [[maybe_unused]] const ssize_t told = ::write(ready, "r", 1); };
    return cli::serve(std::move(planned), output, {{}, answered}, laps);
  }

  int attend(launcher::Plan plan) const {
    sys::Stopwatch laps;
    PlannedPool planned{pool_.pool, std::move(plan), false};
    return cli::attend(std::move(planned), "fpmbox probe", laps);
  }

  const LoadedPool& pool_;
  const launcher::PoolDirectory& claimed_;
};

int list(const harness::Catalogue& catalogue) {
  for (const harness::Act& act : catalogue.acts) std::printf("%-34s %s\n", act.id.c_str(), act.why.c_str());
  std::printf("\n%zu acts in groups %s\n", catalogue.acts.size(), base::join(harness::groups_of(catalogue), ", ").c_str());
  return kDone;
}

std::optional<std::string> wrong_word(const TestOptions& options, const harness::Catalogue& catalogue) {
  const auto groups = harness::groups_of(catalogue);
  for (const std::string& group : options.only)
    if (!options.mutants && std::find(groups.begin(), groups.end(), group) == groups.end())
      return "there is no group of acts `" + group + "`; known: " + base::join(groups, ", ");
  for (const std::string& name : options.without) {
    const harness::Layer* const layer = harness::find_layer(name);
    if (layer == nullptr) return "there is no layer `" + name + "`; known: " + base::join(harness::layer_names(), ", ");
    if (layer->without == nullptr) return "the layer " + name + " cannot be taken away: " + layer->fixed;
  }
  return std::nullopt;
}

std::vector<std::string> command_line(const TestOptions& options) {
  std::vector<std::string> out = {"test", "--in-scope", "--report", options.report};
  for (const std::string& group : options.only) out.insert(out.end(), {"--only", group});
  for (const std::string& layer : options.without) out.insert(out.end(), {"--without", layer});
  for (const std::string& side : options.against) out.insert(out.end(), {"--against", side});
  for (const std::string& engine : options.inside) out.insert(out.end(), {"--inside", engine});
  if (options.live) out.push_back("--live");
  if (options.walls) out.push_back("--walls");
  if (options.mutants) out.push_back("--mutants");
  out.push_back(options.file);
  return out;
}

// As a login of the pool's user has them, for the control.
std::vector<gid_t> groups_of(const std::string& user, const launcher::HostFacts& facts) {
  std::vector<gid_t> out;
  const auto found = facts.users.find(user);
  if (found == facts.users.end()) return out;
  for (const std::string& name : found->second.groups)
    if (const auto group = facts.groups.find(name); group != facts.groups.end()) out.push_back(group->second);
  return out;
}

std::vector<const harness::Side*> sides_of(const TestOptions& options) {
  std::vector<const harness::Side*> out;
  for (const std::string& name : options.against) out.push_back(harness::find_side(name));  // the parser knows no others
  for (const std::string& engine : options.inside) out.push_back(harness::find_entrypoint(engine));
  return out;
}

// Before anything is made.
bool has_programs(const TestOptions& options) {
  for (const harness::Side* side : sides_of(options)) {
    const auto program = harness::program_of(*side);
    if (program) continue;
    print_error(program.error().text());
    return false;
  }
  return true;
}

harness::CallGroups call_groups(const Globals& globals) {
  base::Diagnostics unread;  // a catalog without groups has composed the pool all the same
  const auto catalog = find_catalog(globals.catalog);
  const profiles::ReadFile read = read_profile;
  const profiles::DocumentStore store = {};
  return profiles::SyscallGroups((catalog ? catalog.value() : "") + "/syscalls.yaml", read, store).all(unread);
}

// A built root's php-fpm has its libraries in there, and where an image is mounted the pool's user cannot enter.
std::string plain_php_fpm(const LoadedPool& loaded, PlannedPool& said) {
  const launcher::HostFacts& facts = loaded.facts;
  if (facts.root.empty()) return facts.php.binary;
  const launcher::PhpFacts own = launcher::find_php(loaded.pool.composed.policy.php, {facts.run_directory.empty() ? "" : facts.run_directory + "/.php"});
  if (!own.binary.empty()) return own.binary;
  said.say("controls are run in this host's own php-fpm, and there is none (on Debian: apt install php-fpm): what they cannot show is not counted as stopped");
  return facts.php.binary;
}

int attack(const TestOptions& options, const Globals& globals, const ActFiles& acts) {
  sys::Stopwatch laps;
  int code = kDone;
  auto loaded = load_pool({options.file, false, options.in_scope, {}, {}}, globals, laps, code);
  if (!loaded) return code;
  if (const auto named = harness::check_names(loaded->pool.composed.policy.expect, acts.catalogue.acts); !named) {
    print_error(options.file + ": " + named.error().text());
    return kBadProfile;
  }
  const auto own = plan_loaded(*loaded, {}, code);
  if (!own) return code;
  if (!options.in_scope) ask_for_scope(*own, *loaded, command_line(options), globals);
  PlannedPool said{loaded->pool, *own, false};
  if (!say_gaps(said)) return kLayerMissing;
  const std::string name = harness::trial_name(own->pool);
  const std::string folder = loaded->facts.state_directory + "/" + name;
  launcher::Request request;
  request.trial = launcher::Trial{.name = name, .folder = folder, .socket = "1.sock"};
  const auto planned = plan_loaded(*loaded, request, code);
  if (!planned) return code;
  auto claimed = claim_folder(*planned);
  if (!claimed) {
    said.say(claimed.error());
    return kSetupFailed;
  }
  Roads roads(*loaded, claimed.value());
  const harness::Roads all = roads.all();
  const bool is_terminal = ::isatty(STDOUT_FILENO) == 1;
  return harness::run_session({.composed = loaded->pool.composed, .own = *own, .roads = all, .catalogue = acts.catalogue, .acts = acts.scripts,
                               .folder = folder, .claim = planned->pool_directory.path, .php_fpm = plain_php_fpm(*loaded, said), .groups = groups_of(own->user, loaded->facts), .only = options.only, .against = sides_of(options), .without = options.without,
                               .mutants = options.mutants, .groups_of_calls = options.mutants ? call_groups(globals) : harness::CallGroups(), .is_live = options.live, .walls = options.walls, .is_root = ::geteuid() == 0,
                               .format = kFormats.at(options.report), .report = {.colours = is_terminal},
                               .say = [&said](const std::string& text) { said.say(text); }});
}

// Controls run outside of the box, and there a container has nothing that an attacker should not reach.
bool is_in_container() {
  if (!launcher::is_entrypoint() && !launcher::is_beside_entrypoint()) return false;
  print_error("in a container nothing can be shown: what an act is compared with takes a machine. On the host: fpmbox test FILE --inside docker (or podman)");
  return true;
}

int test(const TestOptions& options, const Globals& globals) {
  if (is_in_container()) return kLayerMissing;
  base::Diagnostics diagnostics;
  const auto acts = read_acts(diagnostics);
  if (!acts) {
    print_error(acts.error().text());
    return kUsage;
  }
  if (diagnostics.has_errors()) {
    print_diagnostics(diagnostics, stderr);
    return kBadProfile;
  }
  if (options.list) return list(acts.value().catalogue);
  if (const auto wrong = wrong_word(options, acts.value().catalogue)) {
    print_error(*wrong);
    return kUsage;
  }
  if (!has_programs(options)) return kLayerMissing;
  if (!options.file.empty()) return attack(options, globals, acts.value());
  print_error("which pool? fpmbox test FILE");
  return kUsage;
}

}  // namespace

void add_test(App app, Globals& globals) {
  auto options = std::make_shared<TestOptions>();
  App command = app.add_subcommand("test", "attacks a box of the pool from inside, and checks that its application works").group(kProve);
  command.add_option("FILE", options->file, "pool file, or the name of a pool");
  command.add_option("--report", options->report, "text, tap, junit or json").type_name("FORM").one_of({"text", "tap", "junit", "json"});
  command.add_option("--only", options->only, "acts of this group alone; may be repeated").type_name("GROUP").each_once();
  command.add_flag("--live", options->live, "with the sockets of `connect:` and `mail:`, which are left out otherwise");
  command.add_flag("--walls", options->walls, "which layers stop each act: each is taken away in turn, in boxes made for that");
  command.add_option("--against", options->against, "the same acts in another confinement, for comparison: " + base::join(harness::side_names(), ", ") + "; may be repeated").type_name("SIDE").one_of(harness::side_names()).each_once();
  command.add_option("--inside", options->inside, "the same acts in a box that fpmbox makes as the entrypoint of a container, by a plain run of the engine or (-asked) by the whole command that it prints; fails where one succeeds by no gap that the box says at its start: " + base::join(harness::entrypoint_names(), ", ") + "; may be repeated").type_name("ENGINE").one_of(harness::entrypoint_names()).each_once();
  command.add_flag("--list", options->list, "the acts, and why each matters");
  command.add_option("--without", options->without).each_once().group("");  // hidden: does the test notice that a layer is away?
  command.add_flag("--mutants", options->mutants).group("");  // hidden: is every row of the plan missed once it is wrong? --only: beginnings of their names
  command.add_flag("--in-scope", options->in_scope).group("");  // hidden: how `test` starts itself again
  command.callback([options, &globals] { globals.command = [options, &globals] { return test(*options, globals); }; });
}

}  // namespace cli
