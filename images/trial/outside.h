// The control of a trial: the image's own php-fpm and launcher in a container like the box's, and nothing else that confines them.
#pragma once

#include <string>

#include "launcher/harness/fpm_arena.h"

namespace images {

class Outside : public harness::FpmArena {
 public:
  // `program`: the image's fpmbox. Ours would need libraries that no image has.
  Outside(harness::BarePool pool, harness::Targets targets, std::string program);

  std::string name() const override { return "plain php-fpm of the image"; }
  base::Result<std::vector<std::string>> probe(const std::vector<std::string>& lines, int timeout_ms) override;

 private:
  base::Result<std::string> start() override;
  bool has_neighbour() const override { return pool_.control == harness::Control::stock; }
  int run(const std::vector<std::string>& words, bool as_user) const;

  std::string program_;
};

}  // namespace images
