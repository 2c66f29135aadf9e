// Plain php-fpm, confined by something else than a box or by nothing: started when it is asked for, and again once it has ended.
#pragma once

#include <string>

#include "launcher/harness/arena.h"
#include "launcher/harness/plain_fpm.h"
#include "launcher/harness/process.h"

namespace harness {

class FpmArena : public Arena {
 public:
  const Targets& targets() const override { return targets_; }
  std::string act_script() const override { return pool_.act_script; }
  base::Result<std::string> socket() override;
  bool is_alive() override { return process_ && !process_.wait(0); }
  void end_pool() override { end_process(); }

 protected:
  FpmArena(BarePool pool, Targets targets) : pool_(std::move(pool)), targets_(std::move(targets)) {}

  // Starts php-fpm as process_; the path of its socket.
  virtual base::Result<std::string> start() = 0;
  virtual std::string seen_inside(const std::string& socket) const { return socket; }  // its path there
  virtual bool has_neighbour() const { return false; }  // does its master serve another pool, too?
  void end_process() { process_.end(kPatienceMs); }
  int next_number() { return ++started_; }
  int number() const { return started_; }

  BarePool pool_;
  Targets targets_;
  Process process_;

 private:
  static constexpr int kPatienceMs = 3000;

  std::string socket_;
  int started_ = 0;
};

}  // namespace harness
