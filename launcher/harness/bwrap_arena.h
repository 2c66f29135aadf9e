// php-fpm in bubblewrap, as its manual and its examples advise: every namespace new, /usr and the code read-only, /tmp and /dev of
// its own, and the site's data and the socket's folder bound writable. Started by the pool's user.
#pragma once

#include "launcher/harness/fpm_arena.h"
#include "launcher/harness/host_system.h"
#include "launcher/harness/side.h"

namespace harness {

// `root` is the host's own folder: which of lib, bin and the like are links into /usr.
std::vector<std::string> bwrap_words(const std::string& bwrap, const std::vector<HostEntry>& root, const Binds& binds, const std::vector<std::string>& command);

class BwrapArena : public FpmArena {
 public:
  explicit BwrapArena(SideInput input);

  std::string name() const override { return "pool in bubblewrap"; }
  base::Result<std::vector<std::string>> probe(const std::vector<std::string>& lines, int timeout_ms) override;

 private:
  base::Result<std::string> start() override;
  int run(Binds binds, const std::vector<std::string>& command) const;

  std::string program_;
  std::string act_folder_;
};

}  // namespace harness
