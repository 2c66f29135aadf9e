// Runs acts: each in its control first, then in the box, and gives the verdicts in the catalogue's order.
//
//   Runner runner(sides);
//   const std::vector<ActResult> results = runner.run(chosen);
#pragma once

#include <functional>

#include "launcher/harness/arena.h"
#include "launcher/harness/verdict.h"

namespace harness {

struct Sides {
  Arena& box;
  std::function<Arena&(Control)> control;
  // A named look from the host, after an act in that arena.
  std::function<std::string(const std::string& name, Arena& arena)> look;
  // Said as it happens: a pool that died and is started again.
  std::function<void(const std::string&)> say;
  bool is_root = true;  // else what takes root to show is not shown
};

class Runner {
 public:
  explicit Runner(const Sides& sides) : sides_(sides) {}
  std::vector<ActResult> run(const std::vector<const Act*>& acts);
  // Outcomes in one arena, in the order of `acts`.
  std::vector<Attempted> attempt(Arena& arena, const std::vector<const Act*>& acts);

 private:
  Attempted attempt_php(Arena& arena, const Act& act);
  std::vector<Attempted> attempt_native(Arena& arena, const std::vector<const Act*>& acts);
  std::vector<Attempted> controls(const std::vector<const Act*>& acts);

  const Sides& sides_;
};

}  // namespace harness
