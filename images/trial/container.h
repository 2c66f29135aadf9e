// The container that a trial makes: the image's entrypoint as PID 1 of namespaces of its own, with the capabilities that engines
// leave. Native acts run beside it, in the box that the same entrypoint makes of the same pool file for `probe`.
//
//   Container container(TRY(command_of(image)), policy);
//   const auto socket = container.socket();       // starts it
//   const auto code = container.end();
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "images/oci/read.h"
#include "launcher/harness/arena.h"
#include "launcher/harness/told_plan.h"
#include "launcher/sys/fd.h"
#include "profiles/model/policy.h"

namespace images {

struct Start {
  std::vector<std::string> words, environment;
};
// What the image's config starts.
base::Result<Start> command_of(const StoredImage& image);

inline constexpr const char* kPoolFile = "etc/fpmbox/pool.yaml";

// In namespaces of a container's own, with the capabilities that engines leave: an image is somebody else's, and what it has to be
// compared with runs it, too. Comes back with the exit code.
int run_contained(const std::function<int()>& work);

class Container : public harness::Arena {
 public:
  Container(Start command, const profiles::Policy& policy, std::string act_script = {});

  std::string name() const override { return "image"; }
  const harness::Targets& targets() const override { return targets_; }
  harness::Targets& targets() { return targets_; }
  std::string act_script() const override { return act_script_; }
  base::Result<std::string> socket() override;
  bool is_alive() override { return pid_ > 0 && !reaped(); }
  void end_pool() override { (void)end(); }
  base::Result<std::vector<std::string>> probe(const std::vector<std::string>& lines, int timeout_ms) override;
  std::vector<harness::SaidGap> gaps() const override { return gaps_; }

  // What a launcher says there that it would enforce: `plan --json`.
  base::Result<launcher::Plan> told_plan();

  // By SIGTERM, and its log to stderr. Its exit code; nothing when it had to be killed.
  std::optional<int> end();
  const std::string& program() const { return command_.words.front(); }

 private:
  base::Result<std::vector<std::string>> ask_beside(const std::vector<std::string>& lines, int timeout_ms, const std::vector<std::string>& words);
  base::Status start();
  bool comes_up();
  bool reaped();
  void stop();
  std::string log() const;
  void tell_log();

  Start command_;
  std::string socket_;
  std::string act_script_;
  harness::Targets targets_;
  std::vector<harness::SaidGap> gaps_;
  sys::Fd log_;
  pid_t pid_ = -1;
  std::optional<int> code_;
};

}  // namespace images
