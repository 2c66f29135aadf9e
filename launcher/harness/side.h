// Other confinements than the box, in which the same acts are run (`fpmbox test --against`): a table of them, each an arena of its
// own that is started as its own documents advise, without a shell.
//
//   const Side* side = find_side("bwrap");
//   const std::unique_ptr<Arena> arena = side->make(TRY(prepare(input)));
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "launcher/harness/arena.h"
#include "launcher/harness/plain_fpm.h"
#include "launcher/plan/plan.h"
#include "profiles/model/policy.h"

namespace harness {

struct CheckResult;

struct SideInput {
  std::string name;      // of the trial, which no other one has at the same time
  BarePool pool;         // stock; its folder is root's, and the side's own
  Targets targets;       // of the control: a site that belongs to the pool's user
  std::string program;   // of what confines it, such as /usr/bin/bwrap
  std::string act_folder;
  // Of fpmbox in a container: whose box is to be made there, and the copies of what it writes by their paths inside.
  const profiles::Policy* policy = nullptr;
  const launcher::Plan* plan = nullptr;
  std::map<std::string, std::string> copies = {};
  bool has_site = false;  // the pool's own code, read-only, in place of one of ours that acts may aim at
};

// What is known of a side when its arena is gone.
struct SidePlace {
  std::string program;
  std::string folder;
  std::string name;
};

struct Side {
  const char* name;                      // as on the command line
  const char* what;                      // for people
  std::vector<std::string> programs;     // one of these must be there; none: nothing more than php-fpm is needed
  const char* package;                   // of Debian, that has it
  std::unique_ptr<Arena> (*make)(const SideInput& input);
  base::Status (*check)() = nullptr;                         // what else it asks of this machine, before anything is made
  base::Status (*let_end)(const SidePlace& place) = nullptr;   // processes of ours that leave something when they are ended
  base::Status (*clean_up)(const SidePlace& place) = nullptr;  // what no end of a process of ours ends
  bool is_ours = false;  // fpmbox itself, elsewhere: what leaks there is a mistake
  std::vector<CheckResult> (*inspect)(const SideInput& input) = nullptr;  // what else a box of ours has to be there
};
inline constexpr const char* kInspections[] = {"posture", "site"};  // folders in the side's, each a SidePlace of its own
const std::vector<Side>& sides();
std::vector<std::string> side_names();
// fpmbox as the entrypoint of a container (`--inside docker`): "in-docker".
const std::vector<Side>& entrypoints();
std::vector<std::string> entrypoint_names();
const Side* find_entrypoint(const std::string& name);
const Side* find_side(const std::string& name);

// Path of the first of its programs that this machine has; "" when it needs none. The error names what to install.
base::Result<std::string> program_of(const Side& side);

}  // namespace harness
