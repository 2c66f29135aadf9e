#include "images/trial/outside.h"

#include "launcher/harness/probe_process.h"

namespace images {

Outside::Outside(harness::BarePool pool, harness::Targets targets, std::string program)
    : BareArena(std::move(pool), std::move(targets), {}), program_(std::move(program)) {}

base::Result<std::vector<std::string>> Outside::probe(const std::vector<std::string>& lines, int timeout_ms) {
  return harness::ask_probe(lines, timeout_ms, {}, [this] {
    if (const int code = harness::enter(pool_); code != 0) return code;
    if (pool_.control != harness::Control::root && !harness::become(pool_)) return harness::kNotStarted;
    return harness::become_program({program_, "probe"});
  });
}

}  // namespace images
