// php-fpm in bubblewrap, as its manual and its examples advise: every namespace new, /usr and the code read-only, /tmp and /dev of
// its own, and the site's data and the socket's folder bound writable. Started by the pool's user.
#pragma once

#include "launcher/harness/host_system.h"
#include "launcher/harness/side.h"

namespace harness {

// `root` is the host's own folder: which of lib, bin and the like are links into /usr.
std::vector<std::string> bwrap_words(const std::string& bwrap, const std::vector<HostEntry>& root, const Binds& binds, const std::vector<std::string>& command);

class BwrapArena : public Arena {
 public:
  explicit BwrapArena(SideInput input) : input_(std::move(input)) { input_.targets["tmp"] = "/tmp"; }

  std::string name() const override { return "pool in bubblewrap"; }
  const Targets& targets() const override { return input_.targets; }
  std::string act_script() const override { return input_.pool.act_script; }
  base::Result<std::string> socket() override;
  bool is_alive() override { return process_ && !process_.wait(0); }
  void end_pool() override { process_.end(kPatienceMs); }
  base::Result<std::vector<std::string>> probe(const std::vector<std::string>& lines, int timeout_ms) override;

  static constexpr int kPatienceMs = 3000;

 private:
  base::Result<std::string> start();
  int run(Binds binds, const std::vector<std::string>& command) const;

  SideInput input_;
  Process process_;
  std::string socket_;
  int started_ = 0;
};

}  // namespace harness
