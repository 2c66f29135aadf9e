#include "launcher/harness/bare_arena.h"

#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "launcher/harness/probe_process.h"
#include "launcher/plan/inside.h"
#include "launcher/sys/file.h"

namespace harness {
namespace {

using base::Error;
using base::Result;

constexpr int kStartMs = 15000;
constexpr int kFailed = 71;

constexpr const char* kPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
constexpr int kWorkers = 3;
constexpr const char* kNeighbour = ".neighbour";

std::string section(const std::string& name, const std::string& user, const std::string& group, const std::string& socket) {
  return "[" + name + "]\nuser = " + user + "\ngroup = " + group + "\nlisten = " + socket + "\nlisten.mode = 0666\n" +
         "pm = static\npm.max_children = " + std::to_string(kWorkers) + "\npm.status_path = " + launcher::inside::kStatusPath + "\nclear_env = no\n";
}

// As a shell leaves it: no signal is blocked.
void unblock_signals() {
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

bool become(const BarePool& pool) {
  return ::setgroups(pool.groups.size(), pool.groups.data()) == 0 && ::setresgid(pool.gid, pool.gid, pool.gid) == 0 &&
         ::setresuid(pool.uid, pool.uid, pool.uid) == 0;
}

bool becomes_user(const BarePool& pool) { return pool.can_become && pool.control == Control::user; }

// Variables and open files of a careless launcher come along: decoys. What the caller really has would be the pool user's to read.
int enter(const BarePool& pool) {
  unblock_signals();
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::clearenv() != 0 || ::setenv("PATH", kPath, 1) != 0) return kFailed;
  for (const auto& [name, value] : pool.environment) ::setenv(name.c_str(), value.c_str(), 1);
  for (const char* path : {"/", pool.leaked.c_str()})
    if (path[0] != '\0' && ::open(path, O_RDONLY) < 0) return kFailed;  // on purpose without O_CLOEXEC
  return ::chdir("/") == 0 ? 0 : kFailed;
}

// By an exec: a process that has only changed its user cannot be traced, not even by itself.
int run_probe(const BarePool& pool) {
  if (const int code = enter(pool); code != 0) return code;
  const int self = ::open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  const bool is_user = pool.can_become && pool.control != Control::root;
  if (self < 0 || (is_user && !become(pool))) return kFailed;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // the change of user took it away
  char name[] = "fpmbox", role[] = "probe";
  char* const words[] = {name, role, nullptr};
  ::syscall(SYS_execveat, self, "", words, environ, AT_EMPTY_PATH);
  return kFailed;
}

// As any sendmail: it reads to the end, for PHP fails when it leaves earlier, and takes every argument.
constexpr const char* kSendmail = "sendmail_path=\"cat > /dev/null #\"";

std::vector<std::string> command_line(const BarePool& pool, const std::string& configuration) {
  std::vector<std::string> out = {pool.php_fpm, "-F", "-O", "-y", configuration, "-d", "opcache.enable=1", "-d", "disable_functions=",
                                  "-d", "memory_limit=-1", "-d", kSendmail};
  if (pool.control == Control::root) out.insert(out.begin() + 1, "-R");
  return out;
}

int run_php(const BarePool& pool, const std::string& configuration, int log) {
  if (const int code = enter(pool); code != 0) return code;
  ::dup2(log, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  if (becomes_user(pool) && !become(pool)) return kFailed;
  if (becomes_user(pool)) ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // the change of user took it away
  std::vector<std::string> words = command_line(pool, configuration);
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  ::execv(argv[0], argv.data());
  return kFailed;
}

bool answers(const std::string& socket) {
  return ask(socket, {.method = "GET", .script = "/nonexistent.php", .name = {}, .uri = {}}, 1000).ok();
}

bool await_answer(Process& process, const std::string& socket) {
  constexpr timespec kPause = {0, 5'000'000};
  for (int waited = 0; waited < kStartMs; waited += 5) {
    if (answers(socket)) return true;
    if (process.wait(0)) return false;
    ::nanosleep(&kPause, nullptr);
  }
  return false;
}

}  // namespace

BareArena::BareArena(BarePool pool, Targets targets, std::vector<int> kept) : pool_(std::move(pool)), targets_(std::move(targets)), kept_(std::move(kept)) {}

std::string BareArena::name() const {
  switch (pool_.control) {
    case Control::user: return "plain php-fpm";
    case Control::stock: return "plain php-fpm of a root master";
    case Control::root: return "plain php-fpm as root";
  }
  return {};
}

std::string bare_configuration(const BarePool& pool, const std::string& socket) {
  std::string out = "[global]\nerror_log = /dev/null\ndaemonize = no\nlog_level = error\n";
  const bool is_root = pool.control == Control::root;
  out += section("pool", is_root ? "root" : pool.user, is_root ? "root" : pool.group, socket);
  if (pool.control == Control::stock && pool.neighbour_uid != 0)
    out += section("neighbour", std::to_string(pool.neighbour_uid), std::to_string(pool.neighbour_gid), socket + kNeighbour);
  return out;
}

// Whoever connects to a control becomes its user, and one of them is root: nobody but the pool's user may come near the others, and
// nobody at all near that one. Where a master of root's binds its sockets nobody else may put a link; only one that is
// the pool's user itself owns the folder that it binds in.
base::Status BareArena::enclose(int folder) const {
  if (!pool_.can_become || pool_.control == Control::root) return base::success();
  if (pool_.control == Control::user) return sys::change_owner(folder, pool_.uid, pool_.gid);
  TRY(sys::change_owner(folder, 0, pool_.gid));
  return ::fchmod(folder, 0710) == 0 ? base::success() : base::Status(sys::failure("fchmod", pool_.folder));
}

Result<std::string> BareArena::start() {
  const std::string name = "bare-" + std::to_string(::getpid()) + "-" + std::to_string(static_cast<int>(pool_.control)) + "-" + std::to_string(++started_);
  const sys::Fd folder = TRY(sys::open(pool_.folder, O_RDONLY | O_DIRECTORY));
  TRY(sys::make_directory_at(folder.get(), name, 0700));
  const sys::Fd own = TRY(sys::open_at(folder.get(), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  const std::string path = pool_.folder + "/" + name;
  const std::string socket = path + "/s";
  TRY(sys::write_file_at(own.get(), "php-fpm.conf", bare_configuration(pool_, socket), 0644));
  const sys::Fd log = TRY(sys::open_at(own.get(), "log", O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW, 0666));
  TRY(enclose(own.get()));
  std::vector<int> kept = kept_;
  kept.push_back(log.get());
  process_ = TRY(Process::start([&] { return run_php(pool_, path + "/php-fpm.conf", log.get()); }, kept));
  if (await_answer(process_, socket)) return socket;
  end_pool();
  auto said = sys::read_file(path + "/log", 4096);
  return Error{"the control's php-fpm does not answer" + (said ? ": " + said.value() : std::string()), {}, 0, {}};
}

Result<std::string> BareArena::socket() {
  if (is_alive()) return socket_;
  end_pool();
  socket_ = TRY(start());
  targets_["own_socket"] = socket_;
  if (pool_.control == Control::stock && pool_.neighbour_uid != 0) meet_neighbour();
  return socket_;
}

// Its scripts are in the opcache that both share.
void BareArena::meet_neighbour() {
  targets_["neighbour_socket"] = socket_ + kNeighbour;
  (void)ask(socket_ + kNeighbour, {.method = "GET", .script = targets_["neighbour"] + "/index.php", .name = {}, .uri = {}}, 3000).ok();
}

Result<std::vector<std::string>> BareArena::probe(const std::vector<std::string>& lines, int timeout_ms) {
  return ask_probe(lines, timeout_ms, kept_, [this] { return run_probe(pool_); });
}

}  // namespace harness
