// php-fpm in a container with the defaults of its engine, as images of PHP applications run it: a master that is root in there,
// workers of the pool's user, and the site a volume that it may write.
#pragma once

#include "launcher/harness/engine_arena.h"

namespace harness {

class ContainerArena : public EngineArena {
 public:
  explicit ContainerArena(SideInput input) : EngineArena(input), act_folder_(std::move(input.act_folder)) {}

  std::string name() const override { return std::string("pool in a container of ") + engine_.name(); }
  base::Result<std::vector<std::string>> probe(const std::vector<std::string>& lines, int timeout_ms) override;

 private:
  base::Result<std::string> start() override;
  Binds with_site(Binds binds) const;

  std::string act_folder_;
};

}  // namespace harness
