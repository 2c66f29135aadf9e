// Mutants tried out: each in a box of its own, or where that would be dangerous in thought, and who noticed. What nobody notices
// survives, and needs an explanation in the table of mutation_table.cc.
//
//   const std::vector<MutantResult> results = try_mutants(mutants, sides);
//   fputs(mutation_table(results).c_str(), stdout);
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "launcher/harness/box_arena.h"
#include "launcher/harness/mutants.h"
#include "launcher/harness/posture.h"
#include "launcher/harness/runner.h"

namespace harness {

struct MutantResult {
  std::string name;
  std::vector<std::string> acts;  // that end otherwise: "kernel/bpf: EPERM -> EINVAL"
  LayerSet beside;                // what was away as well
  std::vector<std::string> rows;  // of the posture that fail against the whole plan: "filter"
  std::string harm;               // why there was no box
  std::string error;              // the trial itself failed, or such a box does not come up: neither noticed nor survived
  std::size_t acts_tried = 0;
};
bool is_noticed(const MutantResult& result);
// Why nothing can notice it; empty: nobody knows, which is an error.
std::string explanation(const std::string& mutant);
bool passes(const std::vector<MutantResult>& results);
std::string mutation_table(const std::vector<MutantResult>& results);

struct MutationSides {
  Runner& runner;
  BoxArena& whole;               // the runner's own box
  std::vector<const Act*> acts;  // all that apply to this plan
  std::function<BoxArena(const LayerSet& away, const std::function<launcher::Plan(launcher::Plan)>& change)> box;
  std::function<base::Result<Running>(BoxArena& box)> look;
  launcher::Plan plan;           // the whole one
  std::function<void(const std::string&)> say;
};
std::vector<MutantResult> try_mutants(const std::vector<Mutant>& mutants, const MutationSides& sides);

// What a look at the mutant's box would show, worked out from a look at the whole box.
base::Result<Running> predicted(Running whole, const launcher::Plan& mutated);

// Those whose name begins with one of `only`; all where it is empty.
std::vector<Mutant> chosen(std::vector<Mutant> mutants, const std::vector<std::string>& only);

}  // namespace harness
