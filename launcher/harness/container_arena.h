// php-fpm in a container with the defaults of its engine, as images of PHP applications run it: a master that is root in there,
// workers of the pool's user, and the site a volume that it may write.
#pragma once

#include "launcher/harness/engine.h"
#include "launcher/harness/fpm_arena.h"
#include "launcher/harness/side.h"

namespace harness {

class ContainerArena : public FpmArena {
 public:
  explicit ContainerArena(SideInput input);
  ~ContainerArena() override;

  std::string name() const override { return std::string("pool in a container of ") + engine_.name(); }
  void end_pool() override;
  base::Result<std::vector<std::string>> probe(const std::vector<std::string>& lines, int timeout_ms) override;
  std::vector<Shortfall> shortfalls() const override { return engine_.shortfalls(); }

 private:
  base::Status prepare();
  base::Result<std::string> start() override;
  int run(Binds binds, const std::string& container, const std::vector<std::string>& command) const;
  std::string next_name() { return std::to_string(next_number()); }

  std::string act_folder_;
  Engine engine_;
  bool is_prepared_ = false;
  std::string container_;  // the pool's
};

// In the keeper, when no process of the test is left.
base::Status clean_up_containers(const SidePlace& place);

}  // namespace harness
