#include "images/trial/outside.h"

#include "images/trial/container.h"
#include "launcher/harness/probe_process.h"

namespace images {

using harness::Control;

Outside::Outside(harness::BarePool pool, harness::Targets targets, std::string program)
    : FpmArena(std::move(pool), std::move(targets)), program_(std::move(program)) {}

// In a child.
int Outside::run(const std::vector<std::string>& words, bool as_user) const {
  return run_contained([&] {
    if (const int code = harness::enter(pool_); code != 0) return code;
    if (as_user && !harness::become(pool_)) return harness::kNotStarted;
    return harness::become_program(words);
  });
}

base::Result<std::string> Outside::start() {
  const bool is_users = pool_.control == Control::user;
  const std::string place = std::to_string(static_cast<int>(pool_.control)) + "-" + std::to_string(next_number());
  const harness::FpmFolder folder = TRY(harness::make_fpm_folder(pool_, place, is_users));
  process_ = TRY(harness::start_fpm(folder, {}, name(), [&] { return run(harness::fpm_command(pool_, folder.configuration), is_users); }));
  return folder.socket;
}

base::Result<std::vector<std::string>> Outside::probe(const std::vector<std::string>& lines, int timeout_ms) {
  return harness::ask_probe(lines, timeout_ms, {}, [this] { return run({program_, "probe"}, pool_.control != Control::root); });
}

}  // namespace images
