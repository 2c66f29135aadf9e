#include "launcher/facts/probe.h"

#include <unistd.h>

#include <optional>

#include "launcher/facts/built_root.h"
#include "launcher/facts/cgroups.h"
#include "launcher/facts/container.h"
#include "launcher/facts/kernel.h"
#include "launcher/facts/kernel_calls.h"
#include "launcher/facts/looks.h"
#include "launcher/facts/memory.h"
#include "launcher/facts/ordinary_user.h"
#include "launcher/facts/paths.h"
#include "launcher/facts/php.h"
#include "launcher/facts/programs.h"
#include "launcher/facts/users.h"
#include "launcher/sys/fault.h"
#include "launcher/sys/file.h"
#include "launcher/sys/landlock.h"

namespace launcher {
namespace {

std::string host_name() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 ? name : "";
}

// Their text, not the files: they are links into other services' folders, and replaced by renaming.
std::map<std::string, std::string> read_name_files() {
  constexpr std::size_t kLongest = 1 << 20;
  std::map<std::string, std::string> out;
  for (const char* path : {"/etc/hosts", "/etc/resolv.conf"})
    if (auto text = sys::read_file(path, kLongest)) out[path] = std::move(text).value();
  return out;
}

}  // namespace

HostFacts probe(const profiles::Policy& policy, const ProbeOptions& options, sys::Stopwatch& laps) {
  std::optional<BoxTrial> own;
  BoxTrial& trial = options.trial != nullptr ? *options.trial : own.emplace();
  HostFacts facts;
  facts.host_name = host_name();
  facts.missing_calls = missing_calls(options.enclosed || is_entrypoint());
  facts.landlock_abi = sys::fault("FAULTY_LANDLOCK_ABI", sys::landlock_abi());  // no FPMBOX_: in a container these are the operator's
  facts.user_notification = has_user_notification();
  facts.exec_notification = facts.user_notification || has_exec_notification();
  facts.mdwe = has_mdwe();
  facts.page_zero = can_map_page_zero();
  facts.has_swap = has_swap();
  facts.run_directory = options.run_directory;
  const bool is_contained = options.enclosed || is_entrypoint();
  if (::geteuid() != 0 && !is_contained) find_ordinary_user(facts);
  if (policy.network.mode == profiles::NetworkMode::host) facts.name_files = read_name_files();
  laps.lap("facts: kernel");
  find_users(policy, facts);
  laps.lap("facts: users");
  find_root(policy, options.starts_nothing ? MountedFor::this_process : MountedFor::boxes, facts);
  // a mount that nobody else has may have the device number of another image's later
  const bool is_own_mount = options.starts_nothing && !facts.image.empty();
  const PhpSearch search{is_own_mount || facts.run_directory.empty() ? "" : facts.run_directory + "/.php", facts.root};
  // the host's own PHP is no answer where the policy asks for another
  if (facts.root_reason.empty()) facts.php = find_php(policy.php, search);
  if (options.with_command || !policy.programs.empty())
    facts.php_command = find_php_command(facts.php, search);
  laps.lap("facts: php");
  Looks looks;  // programs and their libraries lie in few folders, which are paths of the policy, too
  find_programs(policy, facts, looks);
  laps.lap("facts: programs");
  find_paths(policy, facts, looks);  // last: php-fpm's own path is among them
  facts.privileged = trial.can_make_boxes();
  laps.lap("facts: paths");
  facts.cgroups = find_cgroups(options.starts_nothing ? KillFile::tried : KillFile::hoped_for, trial.process());
  laps.lap("facts: cgroups");
  if (is_contained) find_container(policy, facts);
  return facts;
}

}  // namespace launcher
