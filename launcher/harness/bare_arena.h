// The control: php-fpm and a process for native acts that nothing confines, as the pool's user, below a root master, or as root.
#pragma once

#include <sys/types.h>

#include <vector>

#include "launcher/harness/arena.h"
#include "launcher/harness/process.h"

namespace harness {

struct BarePool {
  Control control = Control::user;
  std::string php_fpm;           // program
  std::string user;              // the pool's
  std::string group;
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;     // all that the user is in, as a login has them
  uid_t neighbour_uid = 0;       // whom a root master serves, too
  gid_t neighbour_gid = 0;
  std::map<std::string, std::string> environment;  // what a careless launcher lets in
  std::string leaked;            // a file of it that is left open
  std::string folder;            // root's; the configuration and the sockets are made in it
  std::string act_script;        // act.php on the host
  bool can_become = true;        // we are root and become the user; else it is us
};

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
  base::Status enclose(int folder) const;
  void meet_neighbour();

  BarePool pool_;
  Targets targets_;
  std::vector<int> kept_;
  Process process_;
  std::string socket_;
  int started_ = 0;
};

// The configuration of its php-fpm: what distributions ship, with a socket of ours.
std::string bare_configuration(const BarePool& pool, const std::string& socket);

}  // namespace harness
