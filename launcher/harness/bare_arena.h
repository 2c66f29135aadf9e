// The control: php-fpm and a process for native acts that nothing confines, as the pool's user, below a root master, or as root.
#pragma once

#include <vector>

#include "launcher/harness/fpm_arena.h"

namespace harness {

class BareArena : public FpmArena {
 public:
  BareArena(BarePool pool, Targets targets, std::vector<int> kept);

  std::string name() const override;
  base::Result<std::vector<std::string>> probe(const std::vector<std::string>& lines, int timeout_ms) override;

 private:
  base::Result<std::string> start() override;
  bool has_neighbour() const override { return pool_.control == Control::stock && pool_.neighbour_uid != 0; }

  std::vector<int> kept_;
};

}  // namespace harness
