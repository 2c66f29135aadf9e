// The control: php-fpm and a process for native acts that nothing confines, as the pool's user, below a root master, or as root.
#pragma once

#include <vector>

#include "launcher/harness/arena.h"
#include "launcher/harness/plain_fpm.h"

namespace harness {

class BareArena : public Arena {
 public:
  BareArena(BarePool pool, Targets targets, std::vector<int> kept);

  std::string name() const override;
  const Targets& targets() const override { return targets_; }
  std::string act_script() const override { return pool_.act_script; }
  base::Result<std::string> socket() override;
  bool is_alive() override { return process_ && !process_.wait(0); }
  void end_pool() override { process_.end(kPatienceMs); }
  base::Result<std::vector<std::string>> probe(const std::vector<std::string>& lines, int timeout_ms) override;

  static constexpr int kPatienceMs = 3000;

 private:
  base::Result<std::string> start();

  BarePool pool_;
  Targets targets_;
  std::vector<int> kept_;
  Process process_;
  std::string socket_;
  int started_ = 0;
};

}  // namespace harness
