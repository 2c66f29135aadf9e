#include "launcher/harness/container_arena.h"

#include <stdlib.h>
#include <unistd.h>

#include "launcher/harness/own_program.h"
#include "launcher/harness/probe_process.h"
#include "launcher/harness/worker_words.h"

namespace harness {

using base::Result;
using base::Status;

ContainerArena::ContainerArena(SideInput input)
    : FpmArena(std::move(input.pool), std::move(input.targets)), act_folder_(std::move(input.act_folder)), engine_(input.program, pool_.folder, input.name) {
  targets_["tmp"] = "/tmp";
  pool_.neighbour_uid = 0;  // an application a container
}

ContainerArena::~ContainerArena() { end_pool(); }

int ContainerArena::run(Binds binds, const std::string& container, const std::vector<std::string>& command) const {
  const Targets& at = targets_;
  binds.read_only.push_back(act_folder_);
  binds.writable.insert(binds.writable.end(), {at.at("code"), at.at("sessions")});
  if (const int code = enter(pool_); code != 0) return code;
  for (const auto& [name, value] : engine_.environment()) ::setenv(name.c_str(), value.c_str(), 1);
  return become_program(engine_.words(container, binds, command));
}

Status ContainerArena::prepare() {
  if (is_prepared_) return base::success();
  TRY(engine_.prepare(pool_));
  is_prepared_ = true;
  return base::success();
}

Result<std::string> ContainerArena::start() {
  TRY(prepare());
  container_ = next_name();
  const FpmFolder folder = TRY(make_fpm_folder(pool_, std::to_string(number()), false));
  process_ = TRY(start_fpm(folder, {}, std::string("php-fpm in a container of ") + engine_.name(), [&] {
    return run({{folder.configuration}, {folder.path + "/run"}}, container_, fpm_command(pool_, folder.configuration));
  }));
  return folder.socket;
}

// A client that was killed leaves its container running.
void ContainerArena::end_pool() {
  end_process();
  if (!container_.empty()) engine_.remove(container_);
  container_.clear();
}

Result<std::vector<std::string>> ContainerArena::probe(const std::vector<std::string>& lines, int timeout_ms) {
  TRY(prepare());
  const std::string program = TRY(own_program(pool_.folder));
  const std::string container = next_name();
  auto answers = ask_probe(lines, timeout_ms, {}, [&] { return run({{program}, {}}, container, worker_words(pool_, {program, "probe"})); });
  if (!answers || answers.value().size() < lines.size()) engine_.remove(container);
  return answers;
}

Status clean_up_containers(const SidePlace& place) { return Engine(place.program, place.folder, place.name).clean_up(); }

}  // namespace harness
