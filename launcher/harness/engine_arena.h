// A pool in a container of an engine: what php-fpm alone and fpmbox as entrypoint have in common there.
#pragma once

#include "launcher/harness/engine.h"
#include "launcher/harness/fpm_arena.h"
#include "launcher/harness/side.h"

namespace harness {

class EngineArena : public FpmArena {
 public:
  ~EngineArena() override;
  void end_pool() override;
  std::vector<Shortfall> shortfalls() const override { return engine_.shortfalls(); }

 protected:
  explicit EngineArena(SideInput& input);

  // Once: the engine, and what its containers need.
  base::Status prepare();
  virtual base::Status lay_out() { return engine_.prepare(pool_); }
  std::string name_next() { return container_ = std::to_string(next_number()); }
  const std::string& container() const { return container_; }
  // In a child: becomes the engine's client.
  int run(const std::string& container, const Binds& binds, const std::vector<std::string>& command, const Asked& asked = {}) const;
  // One container for the lines: it goes with the last, or is taken away.
  base::Result<std::vector<std::string>> ask_in_container(const std::vector<std::string>& lines, int timeout_ms, const Binds& binds,
                                                          const std::vector<std::string>& command, const Asked& asked = {});

  Engine engine_;

 private:
  bool is_prepared_ = false;
  std::string container_;  // the pool's
};

// In the keeper: before it ends what is left of the test, and when no process of it is left.
base::Status let_clients_end(const SidePlace& place);
base::Status clean_up_containers(const SidePlace& place);

}  // namespace harness
