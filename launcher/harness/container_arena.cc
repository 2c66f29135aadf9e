#include "launcher/harness/container_arena.h"

#include <stdlib.h>
#include <unistd.h>

#include "launcher/harness/own_program.h"
#include "launcher/harness/probe_process.h"
#include "launcher/harness/worker_words.h"

namespace harness {

using base::Result;
using base::Status;

ContainerArena::ContainerArena(SideInput input) : input_(std::move(input)), engine_(input_.program, input_.pool.folder, input_.name) {
  input_.targets["tmp"] = "/tmp";
  input_.pool.neighbour_uid = 0;  // an application a container
}

ContainerArena::~ContainerArena() { end_pool(); }

int ContainerArena::run(Binds binds, const std::string& container, const std::vector<std::string>& command) const {
  const Targets& at = input_.targets;
  binds.read_only.push_back(input_.act_folder);
  binds.writable.insert(binds.writable.end(), {at.at("code"), at.at("sessions")});
  if (const int code = enter(input_.pool); code != 0) return code;
  for (const auto& [name, value] : engine_.environment()) ::setenv(name.c_str(), value.c_str(), 1);
  return become_program(engine_.words(container, binds, command));
}

Status ContainerArena::prepare() {
  if (is_prepared_) return base::success();
  TRY(engine_.prepare(input_.pool));
  is_prepared_ = true;
  return base::success();
}

Result<std::string> ContainerArena::start() {
  TRY(prepare());
  container_ = next_name();
  const FpmFolder folder = TRY(make_fpm_folder(input_.pool, std::to_string(started_), false));
  process_ = TRY(start_fpm(folder, {}, std::string("php-fpm in a container of ") + engine_.name(), [&] {
    return run({{folder.configuration}, {folder.path + "/run"}}, container_, fpm_command(input_.pool, folder.configuration));
  }));
  return folder.socket;
}

Result<std::string> ContainerArena::socket() {
  if (is_alive()) return socket_;
  end_pool();
  socket_ = TRY(start());
  input_.targets["own_socket"] = socket_;
  return socket_;
}

// A client that was killed leaves its container running.
void ContainerArena::end_pool() {
  process_.end(kPatienceMs);
  if (!container_.empty()) engine_.remove(container_);
  container_.clear();
}

Result<std::vector<std::string>> ContainerArena::probe(const std::vector<std::string>& lines, int timeout_ms) {
  TRY(prepare());
  const std::string program = TRY(own_program(input_.pool.folder));
  const std::string container = next_name();
  auto answers = ask_probe(lines, timeout_ms, {}, [&] { return run({{program}, {}}, container, worker_words(input_.pool, {program, "probe"})); });
  if (!answers || answers.value().size() < lines.size()) engine_.remove(container);
  return answers;
}

Status clean_up_containers(const SidePlace& place) { return Engine(place.program, place.folder, place.name).clean_up(); }

}  // namespace harness
