// The box beside other confinements: what became of the same acts in each.
//
//   const SideResult there = TRY(try_side(*side, *arena, runner, findings.acts));
#pragma once

#include <string>
#include <vector>

#include "launcher/harness/runner.h"
#include "launcher/harness/side.h"

namespace harness {

struct SideResult {
  std::string side;
  std::string what;
  std::vector<std::string> notes;  // what this machine refused of it
  std::vector<ActResult> acts;  // `inside` is the outcome there
  bool is_ours = false;
};

// Every act that was tried in the box, with the control that it had. The error: the side does not come up, or an act was not tried.
base::Result<SideResult> try_side(const Side& side, Arena& arena, Runner& runner, const std::vector<ActResult>& box);

// An act that was tried in a box of ours in a container, which may lack what a box elsewhere has, and says so (known_gaps.h).
void settle_in_container(ActResult& result, const Arena& arena);

// Succeeds there and not in the box.
std::vector<const ActResult*> leaks_beyond(const std::vector<ActResult>& box, const SideResult& there);

// A table with a column for each side, and below it what leaks there and not in the box.
std::string against_text(const std::vector<ActResult>& box, const std::vector<SideResult>& sides);

}  // namespace harness
