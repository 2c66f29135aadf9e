#include "launcher/harness/bwrap_arena.h"

#include "launcher/harness/own_program.h"
#include "launcher/harness/probe_process.h"

namespace harness {
namespace {

using base::Result;

void add(std::vector<std::string>& out, std::initializer_list<std::string> words) { out.insert(out.end(), words); }

void add_system(const std::vector<HostEntry>& root, std::vector<std::string>& out) {
  add(out, {"--ro-bind", "/usr", "/usr"});
  for (const HostEntry& entry : system_entries(root)) {
    const std::string path = "/" + entry.name;
    const bool is_link = entry.kind == HostEntry::Kind::link;
    add(out, {is_link ? "--symlink" : "--ro-bind", is_link ? entry.target : path, path});
  }
  for (const std::string& path : system_settings()) add(out, {"--ro-bind-try", path, path});
}

}  // namespace

std::vector<std::string> bwrap_words(const std::string& bwrap, const std::vector<HostEntry>& root, const Binds& binds, const std::vector<std::string>& command) {
  std::vector<std::string> out = {bwrap, "--unshare-all", "--die-with-parent", "--new-session"};
  add_system(root, out);
  add(out, {"--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"});
  for (const std::string& path : binds.read_only) add(out, {"--ro-bind", path, path});
  for (const std::string& path : binds.writable) add(out, {"--bind", path, path});
  add(out, {"--chdir", "/", "--"});
  out.insert(out.end(), command.begin(), command.end());
  return out;
}

BwrapArena::BwrapArena(SideInput input)
    : FpmArena(std::move(input.pool), std::move(input.targets)), program_(std::move(input.program)), act_folder_(std::move(input.act_folder)) {
  targets_["tmp"] = "/tmp";
}

int BwrapArena::run(Binds binds, const std::vector<std::string>& command) const {
  const Targets& at = targets_;
  binds.read_only.insert(binds.read_only.end(), {act_folder_, at.at("code")});
  binds.writable.insert(binds.writable.end(), {at.at("data"), at.at("sessions")});
  if (const int code = enter(pool_); code != 0) return code;
  if (pool_.can_become && !become(pool_)) return kNotStarted;
  return become_program(bwrap_words(program_, host_surroundings()->entries("/"), binds, command));
}

Result<std::string> BwrapArena::start() {
  const FpmFolder folder = TRY(make_fpm_folder(pool_, "bwrap-" + std::to_string(next_number()), pool_.can_become));
  process_ = TRY(start_fpm(folder, {}, "php-fpm in bubblewrap", [&] {
    return run({{folder.configuration}, {folder.path + "/run"}}, fpm_command(pool_, folder.configuration));
  }));
  return folder.socket;
}

// A copy of ours: the pool's user may have no way to where this program lies.
Result<std::vector<std::string>> BwrapArena::probe(const std::vector<std::string>& lines, int timeout_ms) {
  const std::string program = TRY(own_program(pool_.folder));
  return ask_probe(lines, timeout_ms, {}, [&] { return run({{program}, {}}, {program, "probe"}); });
}

}  // namespace harness
