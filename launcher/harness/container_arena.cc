#include "launcher/harness/container_arena.h"

#include "launcher/harness/own_program.h"
#include "launcher/harness/worker_words.h"

namespace harness {

using base::Result;

Binds ContainerArena::with_site(Binds binds) const {
  binds.read_only.push_back(act_folder_);
  binds.writable.insert(binds.writable.end(), {targets_.at("code"), targets_.at("sessions")});
  return binds;
}

Result<std::string> ContainerArena::start() {
  TRY(prepare());
  const std::string container = name_next();
  const FpmFolder folder = TRY(make_fpm_folder(pool_, std::to_string(number()), false));
  process_ = TRY(start_fpm(folder, {}, std::string("php-fpm in a container of ") + engine_.name(), [&] {
    return run(container, with_site({{folder.configuration}, {folder.path + "/run"}}), fpm_command(pool_, folder.configuration));
  }));
  return folder.socket;
}

Result<std::vector<std::string>> ContainerArena::probe(const std::vector<std::string>& lines, int timeout_ms) {
  TRY(prepare());
  const std::string program = TRY(own_program(pool_.folder));
  return ask_in_container(lines, timeout_ms, with_site({{program}, {}}), worker_words(pool_, {program, "probe"}));
}

}  // namespace harness
