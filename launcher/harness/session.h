// The whole of `fpmbox test` but for its command line: makes what is needed, tries the acts, checks what is expected, and
// leaves nothing.
//
//   return run_session(input);
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "launcher/harness/box_arena.h"
#include "launcher/harness/catalogue.h"
#include "launcher/harness/mutants.h"
#include "launcher/harness/report.h"
#include "launcher/harness/scratch.h"
#include "profiles/load/compose.h"

namespace harness {

struct SessionInput {
  const profiles::Composed& composed;
  const launcher::Plan& own;         // the pool's own plan, as it would be run
  const Roads& roads;
  const Catalogue& catalogue;
  std::vector<ScratchFile> acts;     // act.php and prelude.php
  std::string folder;                // the trial's: scratch.h
  std::string claim;                 // its pool folder, which goes as well
  std::string php_fpm;               // for the control
  std::vector<gid_t> groups;         // all that the pool's user is in
  std::vector<std::string> only;     // groups; empty: all
  std::vector<const Side*> against;  // other confinements; their programs are there
  std::vector<std::string> without;  // layers that are taken away
  bool mutants = false;              // in place of all else: plans that are wrong in one row; `only` are then beginnings of their names
  CallGroups groups_of_calls;        // for them
  bool is_live = false;
  bool walls = false;
  bool is_root = false;
  Format format = Format::text;
  ReportOptions report;
  std::function<void(const std::string&)> say;
};

// 0: all that is expected holds; 1: it does not; 71: the test could not be made.
int run_session(const SessionInput& input);

// The trial's name, its pool folder and its folder on the host are made of it.
std::string trial_name(const std::string& pool);

}  // namespace harness
