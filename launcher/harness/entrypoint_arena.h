// fpmbox as the entrypoint of a container: `run FILE` for the pool, `probe FILE` for machine code, in a box of the same plan. The pool's policy, with a site of its own in the place of the code: root's, on a root file
// system that can be written, so that nothing but our own walls protects it. What acts aim at is mounted, too: it stands for whatever
// else there is in a container.
#pragma once

#include "launcher/harness/engine_arena.h"
#include "profiles/export/engine.h"

namespace harness {

enum class Wishes {
  none,  // as one types it: the engine's own defaults
  all,   // by the whole command that the entrypoint prints
};

class EntrypointArena : public EngineArena {
 public:
  EntrypointArena(SideInput input, Wishes wishes);

  std::string name() const override { return std::string("box in a container of ") + engine_.name(); }
  std::string act_script() const override;
  std::vector<Shortfall> shortfalls() const override;
  std::vector<SaidGap> gaps() const override { return gaps_; }
  base::Result<std::vector<std::string>> probe(const std::vector<std::string>& lines, int timeout_ms) override;
  // Beside one that stands in for that server, where it is on loopback: in the box; and in a container of the same kind, where nothing
  // of ours confines it.
  base::Result<std::vector<std::string>> probe_beside(const std::string& server, const std::vector<std::string>& lines, int timeout_ms);
  base::Result<std::vector<std::string>> probe_outside(const std::string& server, const std::vector<std::string>& lines, int timeout_ms);
  // What a launcher says there that it would enforce: `plan --json`.
  base::Result<launcher::Plan> told_plan();
  // The container's first process, as this machine numbers it; while its pool runs.
  base::Result<pid_t> first_process() const { return engine_.first_process(container()); }
  const profiles::Policy& policy() const { return policy_; }

 private:
  base::Result<std::vector<std::string>> ask_of(const std::vector<std::string>& lines, int timeout_ms, const std::vector<std::string>& command);
  base::Status lay_out() override;
  base::Result<std::string> start() override;
  std::string seen_inside(const std::string&) const override;
  Binds binds(const std::string& program, const std::string& sockets) const;
  Asked asked() const;
  void meet(const std::string& log);
  bool is_enclosed() const;
  bool is_podman() const;
  bool seals() const;

  Wishes wishes_;
  profiles::Policy policy_;
  std::map<std::string, gid_t> groups_;
  std::map<std::string, std::string> copies_;
  std::string act_folder_;
  std::string site_;  // where the pool's own code is, when it is to be there
  std::vector<SaidGap> gaps_;
};

// Where this machine has the code that a plan mounts; "" when it mounts none.
std::string code_source(const launcher::Plan& plan);
// The pool file of that container: flat, for there is no catalog in it.
profiles::Policy policy_inside(profiles::Policy policy, const std::string& code);
// The words of the whole command but for volumes, in whose place folders are mounted.
std::vector<std::string> options_for(const profiles::Policy& policy, profiles::Dialect dialect);

}  // namespace harness
