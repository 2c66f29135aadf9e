// A plan that is wrong in one row: each row that keeps something out, opened. They prove that the test notices: an act that
// succeeds then, or a row of the running box that differs from the whole plan. Pure.
//
//   for (const Mutant& mutant : mutants_of(plan, groups, host)) try_out(mutant.change(plan));
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "launcher/harness/layers.h"
#include "launcher/harness/walls.h"

namespace harness {

struct Mutant {
  std::string name;                  // KIND:ROW, "syscall:@debug", "mount:/tmp:no_exec"
  std::vector<std::string> layers;   // acts that name one of them are tried in its box
  LayerSet beside;                   // away as well, in the box that it is compared with too: they would stop the same acts
  std::string harm;                  // not empty: why no box is made with it; what posture would say is worked out
  std::function<launcher::Plan(launcher::Plan)> change;
};

using CallGroups = std::map<std::string, std::vector<std::string>>;

// Every one of this plan. `host` has to outlive them.
std::vector<Mutant> mutants_of(const launcher::Plan& plan, const CallGroups& groups, const Surroundings& host);

// It changes the whole machine, or uses it up, where nothing refuses it: never tried in a box with a mistake.
bool is_harmful(const Act& act, const CallGroups& groups);

// What is no row of a plan, so that no mutant can be made of it, and what proves it instead.
struct Immutable {
  const char* what;
  const char* proved_by;
};
const std::vector<Immutable>& immutables();

}  // namespace harness
