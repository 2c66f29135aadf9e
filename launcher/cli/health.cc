// fpmbox health: asks the launcher of a container whether its pool answers. For HEALTHCHECK and exec probes: a program, no shell.
#include <dirent.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <memory>
#include <vector>

#include "launcher/cli/commands.h"
#include "launcher/cli/exit_codes.h"
#include "launcher/cli/load.h"
#include "launcher/enforce/sockets.h"
#include "launcher/plan/inside.h"
#include "launcher/supervise/health.h"
#include "launcher/sys/file.h"
#include "profiles/base/text.h"

namespace cli {
namespace {

constexpr int kUnhealthy = 1;
constexpr long kPatienceSeconds = 10;  // the launcher's own is shorter
constexpr std::size_t kLongestAnswer = 1024;

std::string socket_of(const std::string& pool) { return std::string(launcher::outside::kRun) + "/" + pool + "/" + launcher::kHealthSocket; }

std::vector<std::string> pools_with_launchers() {
  std::vector<std::string> out;
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(launcher::outside::kRun), ::closedir);
  while (const dirent* entry = stream ? ::readdir(stream.get()) : nullptr)
    if (entry->d_name[0] != '.' && ::access(socket_of(entry->d_name).c_str(), F_OK) == 0) out.emplace_back(entry->d_name);
  return out;
}

base::Result<std::string> the_pool(const std::string& named) {
  if (!named.empty()) return named;
  const auto pools = pools_with_launchers();
  if (pools.size() == 1) return pools.front();
  if (pools.empty()) return base::Error{std::string("no launcher can be asked in ") + launcher::outside::kRun, {}, 0, {}};
  return base::Error{"there are several pools: name one of " + base::join(pools, ", "), {}, 0, {}};
}

base::Result<std::string> ask(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return base::Error{"the name is too long", path, 0, {}};
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const sys::Fd connection(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const timeval patience = {kPatienceSeconds, 0};
  if (!connection || ::setsockopt(connection.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0) return sys::failure("socket", path);
  if (::connect(connection.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return sys::failure("connect", path);
  std::string answer = TRY(sys::read_all(connection.get(), kLongestAnswer));
  while (answer.ends_with('\n')) answer.pop_back();
  if (answer.empty()) return base::Error{"the launcher said nothing", path, 0, {}};
  return answer;
}

int health(const std::string& named) {
  const auto pool = the_pool(named);
  const auto answer = pool ? ask(socket_of(pool.value())) : pool.error();
  if (!answer) {
    print_error(answer.error().text());
    return kUnhealthy;
  }
  std::printf("%s\n", base::escape_control(answer.value()).c_str());
  return answer.value() == launcher::kHealthy ? kDone : kUnhealthy;
}

}  // namespace

void add_health(App app, Globals& globals) {
  auto pool = std::make_shared<std::string>();
  App command = app.add_subcommand("health", "in a container: does the pool answer? Exit code 0 when it does, for HEALTHCHECK and probes").group(kRun);
  command.add_option("NAME", *pool, "the pool; the only one when absent");
  command.callback([pool, &globals] { globals.command = [pool] { return health(*pool); }; });
}

}  // namespace cli
