#include "launcher/harness/engine_arena.h"

#include <stdlib.h>
#include <sys/prctl.h>

#include "launcher/harness/probe_process.h"

namespace harness {

using base::Result;
using base::Status;
using Words = std::vector<std::string>;

EngineArena::EngineArena(SideInput& input) : FpmArena(std::move(input.pool), std::move(input.targets)), engine_(input.program, pool_.folder, input.name) {
  targets_["tmp"] = "/tmp";
  pool_.neighbour_uid = 0;  // an application a container
}

EngineArena::~EngineArena() { EngineArena::end_pool(); }

Status EngineArena::prepare() {
  if (is_prepared_) return base::success();
  TRY(lay_out());
  is_prepared_ = true;
  return base::success();
}

int EngineArena::run(const std::string& container, const Binds& binds, const Words& command, const Asked& asked) const {
  if (const int code = enter(pool_); code != 0) return code;
  ::prctl(PR_SET_PDEATHSIG, 0);  // let_clients_end(): it must live on after the test, and ends with its container
  for (const auto& [name, value] : engine_.environment()) ::setenv(name.c_str(), value.c_str(), 1);
  return become_program(engine_.words(container, binds, command, asked));
}

// A client that was killed leaves its container running.
void EngineArena::end_pool() {
  end_process();
  if (!container_.empty()) engine_.remove(container_);
  container_.clear();
}

Result<Words> EngineArena::ask_in_container(const Words& lines, int timeout_ms, const Binds& binds, const Words& command, const Asked& asked) {
  const std::string container = std::to_string(next_number());
  auto answers = ask_probe(lines, timeout_ms, {}, [&] { return run(container, binds, command, asked); });
  if (!answers || answers.value().size() < lines.size()) engine_.remove(container);
  return answers;
}

Status let_clients_end(const SidePlace& place) { return Engine(place.program, place.folder, place.name).let_clients_end(); }
Status clean_up_containers(const SidePlace& place) { return Engine(place.program, place.folder, place.name).clean_up(); }

}  // namespace harness
