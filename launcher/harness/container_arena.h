// php-fpm in a container with the defaults of its engine, as images of PHP applications run it: a master that is root in there,
// workers of the pool's user, and the site a volume that it may write.
#pragma once

#include "launcher/harness/engine.h"
#include "launcher/harness/side.h"

namespace harness {

class ContainerArena : public Arena {
 public:
  explicit ContainerArena(SideInput input);
  ~ContainerArena() override;

  std::string name() const override { return std::string("pool in a container of ") + engine_.name(); }
  const Targets& targets() const override { return input_.targets; }
  std::string act_script() const override { return input_.pool.act_script; }
  base::Result<std::string> socket() override;
  bool is_alive() override { return process_ && !process_.wait(0); }
  void end_pool() override;
  base::Result<std::vector<std::string>> probe(const std::vector<std::string>& lines, int timeout_ms) override;
  std::vector<Shortfall> shortfalls() const override { return engine_.shortfalls(); }

  static constexpr int kPatienceMs = 3000;

 private:
  base::Status prepare();
  base::Result<std::string> start();
  int run(Binds binds, const std::string& container, const std::vector<std::string>& command) const;
  std::string next_name() { return std::to_string(++started_); }

  SideInput input_;
  Engine engine_;
  bool is_prepared_ = false;
  Process process_;
  std::string container_;  // the pool's
  std::string socket_;
  int started_ = 0;
};

// In the keeper, when no process of the test is left.
base::Status clean_up_containers(const SidePlace& place);

}  // namespace harness
