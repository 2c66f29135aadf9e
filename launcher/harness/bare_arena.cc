#include "launcher/harness/bare_arena.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher/harness/probe_process.h"

namespace harness {
namespace {

using base::Result;

bool becomes_user(const BarePool& pool) { return pool.can_become && pool.control == Control::user; }

// By an exec: a process that has only changed its user cannot be traced, not even by itself.
int run_probe(const BarePool& pool) {
  if (const int code = enter(pool); code != 0) return code;
  const int self = ::open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  const bool is_user = pool.can_become && pool.control != Control::root;
  if (self < 0 || (is_user && !become(pool))) return kNotStarted;
  char name[] = "fpmbox", role[] = "probe";
  char* const words[] = {name, role, nullptr};
  ::syscall(SYS_execveat, self, "", words, environ, AT_EMPTY_PATH);
  return kNotStarted;
}

int run_php(const BarePool& pool, const std::string& configuration) {
  if (const int code = enter(pool); code != 0) return code;
  if (becomes_user(pool) && !become(pool)) return kNotStarted;
  return become_program(fpm_command(pool, configuration));
}

}  // namespace

BareArena::BareArena(BarePool pool, Targets targets, std::vector<int> kept) : FpmArena(std::move(pool), std::move(targets)), kept_(std::move(kept)) {}

std::string BareArena::name() const {
  switch (pool_.control) {
    case Control::user: return "plain php-fpm";
    case Control::stock: return "plain php-fpm of a root master";
    case Control::root: return "plain php-fpm as root";
  }
  return {};
}

Result<std::string> BareArena::start() {
  const std::string name = std::to_string(::getpid()) + "-" + std::to_string(static_cast<int>(pool_.control)) + "-" + std::to_string(next_number());
  const FpmFolder folder = TRY(make_fpm_folder(pool_, name, becomes_user(pool_)));
  process_ = TRY(start_fpm(folder, kept_, "the control's php-fpm", [&] { return run_php(pool_, folder.configuration); }));
  return folder.socket;
}

Result<std::vector<std::string>> BareArena::probe(const std::vector<std::string>& lines, int timeout_ms) {
  return ask_probe(lines, timeout_ms, kept_, [this] { return run_probe(pool_); });
}

}  // namespace harness
