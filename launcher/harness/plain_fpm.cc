#include "launcher/harness/plain_fpm.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "launcher/harness/ask.h"
#include "launcher/plan/inside.h"
#include "launcher/sys/file.h"
#include "launcher/sys/user_namespace.h"

namespace harness {
namespace {

using base::Error;
using base::Result;

constexpr int kStartMs = 15000;
constexpr const char* kPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
constexpr int kPauseMs = 5;
constexpr int kWorkers = 3;
constexpr std::size_t kLogShown = 4096;

std::string section(const std::string& name, const std::string& user, const std::string& group, const std::string& socket) {
  return "[" + name + "]\nuser = " + user + "\ngroup = " + group + "\nlisten = " + socket + "\nlisten.mode = 0666\n" +
         "pm = static\npm.max_children = " + std::to_string(kWorkers) + "\npm.status_path = " + launcher::inside::kStatusPath + "\nclear_env = no\n";
}

void unblock_signals() {
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

// As any sendmail: it reads to the end, for PHP fails when it leaves earlier, and takes every argument.
constexpr const char* kSendmail = "sendmail_path=\"cat > /dev/null #\"";

bool answers(const std::string& socket) {
  return ask(socket, {.method = "GET", .script = "/nonexistent.php", .name = {}, .uri = {}}, 1000).ok();
}

bool await_answer(Process& process, const std::string& socket) {
  constexpr timespec kPause = {0, kPauseMs * 1'000'000};
  for (int waited = 0; waited < kStartMs; waited += kPauseMs) {
    if (answers(socket)) return true;
    if (process.wait(0)) return false;
    ::nanosleep(&kPause, nullptr);
  }
  return false;
}

// Whoever connects to such a pool becomes its user, and one of them is root: nobody but the pool's user may come near the
// others, and nobody at all near that one. Where a master of root's binds its sockets nobody else may put a link.
base::Status enclose(const BarePool& pool, int folder) {
  if (!pool.can_become || pool.control == Control::root) return base::success();
  TRY(sys::change_owner(folder, 0, pool.gid));
  return ::fchmod(folder, 0710) == 0 ? base::success() : base::Status(sys::failure("fchmod", pool.folder));
}

}  // namespace

std::string bare_configuration(const BarePool& pool, const std::string& socket) {
  std::string out = "[global]\nerror_log = /dev/null\ndaemonize = no\nlog_level = error\n";
  const bool is_root = pool.control == Control::root;
  out += section("pool", is_root ? "root" : pool.user, is_root ? "root" : pool.group, socket);
  if (pool.control == Control::stock && pool.neighbour_uid != 0)
    out += section("neighbour", std::to_string(pool.neighbour_uid), std::to_string(pool.neighbour_gid), socket + kNeighbour);
  return out;
}

std::vector<std::string> fpm_command(const BarePool& pool, const std::string& configuration) {
  std::vector<std::string> out = {pool.php_fpm, "-F", "-O", "-y", configuration, "-d", "opcache.enable=1", "-d", "disable_functions=",
                                  "-d", "memory_limit=-1", "-d", kSendmail};
  if (pool.control == Control::root) out.insert(out.begin() + 1, "-R");
  return out;
}

bool be_careless(const std::map<std::string, std::string>& environment, const std::string& leaked) {
  for (const auto& [name, value] : environment) ::setenv(name.c_str(), value.c_str(), 1);
  for (const char* path : {"/", leaked.c_str()})
    if (path[0] != '\0' && ::open(path, O_RDONLY) < 0) return false;  // on purpose without O_CLOEXEC
  return true;
}

bool clear_environment() { return ::clearenv() == 0 && ::setenv("PATH", kPath, 1) == 0; }

// Variables and open files that come along are decoys. What the caller really has would be the pool user's to read.
int enter(const BarePool& pool) {
  unblock_signals();
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (!clear_environment()) return kNotStarted;
  return be_careless(pool.environment, pool.leaked) && ::chdir("/") == 0 ? 0 : kNotStarted;
}

bool become(const BarePool& pool) {
  if (!sys::set_groups(pool.groups) || ::setresgid(pool.gid, pool.gid, pool.gid) != 0 ||
      ::setresuid(pool.uid, pool.uid, pool.uid) != 0)
    return false;
  return ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0;  // the change of user took it away
}

int become_program(std::vector<std::string> words) {
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  ::execv(argv[0], argv.data());
  return kNotStarted;
}

// The folder is root's, and a master that is the pool's user has to make its socket somewhere.
Result<FpmFolder> make_fpm_folder(const BarePool& pool, const std::string& name, bool is_users) {
  const sys::Fd folder = TRY(sys::open(pool.folder, O_RDONLY | O_DIRECTORY));
  TRY(sys::make_directory_at(folder.get(), name, 0700));
  const sys::Fd own = TRY(sys::open_at(folder.get(), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  TRY(sys::make_directory_at(own.get(), "run", 0755));
  if (is_users) {
    const sys::Fd run = TRY(sys::open_at(own.get(), "run", O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
    TRY(sys::change_owner(run.get(), pool.uid, pool.gid));
  }
  const std::string path = pool.folder + "/" + name;
  FpmFolder out{path, path + "/php-fpm.conf", path + "/run/s", {}};
  TRY(sys::write_file_at(own.get(), "php-fpm.conf", bare_configuration(pool, out.socket), 0644));
  out.log = TRY(sys::open_at(own.get(), "log", O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW, 0666));
  TRY(enclose(pool, own.get()));
  return out;
}

Result<Process> start_fpm(const FpmFolder& folder, std::vector<int> kept, const std::string& who, const std::function<int()>& program) {
  const int log = folder.log.get();
  Pipe input = TRY(make_pipe());  // with nobody at its other end: our own may be a terminal
  input.write.reset();
  const int nothing = input.read.get();
  kept.insert(kept.end(), {log, nothing});
  Process process = TRY(Process::start(
      [&] {
        ::dup2(nothing, STDIN_FILENO);
        ::dup2(log, STDOUT_FILENO);
        ::dup2(log, STDERR_FILENO);
        return program();
      },
      kept));
  if (await_answer(process, folder.socket)) return process;
  process.end(0);
  const auto said = sys::read_file(folder.path + "/log", kLogShown);
  return Error{who + " does not answer" + (said ? ": " + said.value() : std::string()), {}, 0, {}};
}

}  // namespace harness
