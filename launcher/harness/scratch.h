// The trial's own folder on the host: copies of what the pool writes, the script that tries acts, and what the control needs. Below
// root's state folder, so that nobody else can put something in the way; taken away at the end.
//
//   /var/lib/fpmbox/shop.test/            root 0755
//     acts/act.php, prelude.php           root, read-only in the box
//     copies/0, copies/1                  as the pool has them; in a folder that is closed, as those above the pool's may be
//     sessions/                           the pool's user
//     bait/                               what acts aim at (bait.h)
//     decoy/                              the pool's user: in place of the code where a box lacks `read_only`
//     control/                            configuration and sockets of plain php-fpm
//     against/                            likewise, of other confinements, and a copy of this program
#pragma once

#include <map>
#include <string>
#include <vector>

#include "launcher/harness/copy_tree.h"
#include "launcher/plan/plan.h"
#include "launcher/sys/fd.h"
#include "profiles/base/result.h"

namespace harness {

struct ScratchFile {
  std::string name;
  std::string content;
};

struct ScratchInput {
  std::string path;                // /var/lib/fpmbox/shop.test
  const launcher::Plan& plan;      // the pool's own, for its writable paths and its user
  std::vector<ScratchFile> acts;  // act.php and prelude.php
};

struct Scratch {
  std::string path;
  sys::Fd folder;
  std::map<std::string, std::string> copies;  // launcher::Trial::copies
  CopyBudget budget;                          // what is left of it, and what was left out
};

// What an earlier test left there, one that was killed together with its keeper, is removed first.
base::Result<Scratch> make_scratch(const ScratchInput& input);
base::Status remove_scratch(const std::string& path);

}  // namespace harness
