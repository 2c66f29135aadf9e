// The control of a trial: the image's own php-fpm and launcher in the same tree, and nothing that confines them.
#pragma once

#include <string>

#include "launcher/harness/bare_arena.h"

namespace images {

class Outside : public harness::BareArena {
 public:
  // `program`: the image's fpmbox. Ours would need libraries that no image has.
  Outside(harness::BarePool pool, harness::Targets targets, std::string program);

  base::Result<std::vector<std::string>> probe(const std::vector<std::string>& lines, int timeout_ms) override;

 private:
  std::string program_;
};

}  // namespace images
