// The box: the pool's own, planned as a trial, started by the road that `fpmbox run` takes; and a sibling of the same plan whose
// program is fpmbox itself (`fpmbox probe`).
#pragma once

#include <functional>

#include "launcher/harness/arena.h"
#include "launcher/harness/process.h"
#include "launcher/plan/plan.h"
#include "launcher/plan/planner.h"

namespace harness {

// What the command line gives: how a trial is planned, and the roads of `run` and `exec`. Both roads are taken in a process of
// their own and come back with its exit code.
struct Roads {
  std::function<launcher::Plan(const launcher::Trial& trial)> plan;
  std::function<int(launcher::Plan plan, int ready)> serve;  // writes a byte to `ready` once the pool has answered
  std::function<int(launcher::Plan plan)> attend;            // 0, 1 and 2 are the program's
  std::vector<int> kept;                                     // fds that they need
};

class BoxArena : public Arena {
 public:
  // `weaken` makes another plan of each that is planned: the identity, but where layers are taken away.
  using Weaken = std::function<launcher::Plan(launcher::Plan)>;
  BoxArena(const Roads& roads, launcher::Trial trial, Targets targets, int start_timeout_ms, Weaken weaken);

  std::string name() const override { return "box"; }
  const Targets& targets() const override { return targets_; }
  std::string act_script() const override;
  base::Result<std::string> socket() override;
  bool is_alive() override;
  void end_pool() override;
  base::Result<std::vector<std::string>> probe(const std::vector<std::string>& lines, int timeout_ms) override;

  pid_t launcher() const { return pool_.pid(); }
  pid_t a_process() const;  // of the running box: a worker, or the master where there is none yet; -1
  std::string last_log() const;

 private:
  base::Result<std::string> start();

  const Roads& roads_;
  launcher::Trial trial_;
  Targets targets_;
  int start_timeout_ms_;
  Weaken weaken_;
  Process pool_;
  std::string socket_;
  sys::Fd log_;
  int started_ = 0;
};

}  // namespace harness
