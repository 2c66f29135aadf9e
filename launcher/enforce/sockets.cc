#include "launcher/enforce/sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <memory>

#include "launcher/enforce/stale.h"
#include "launcher/sys/file.h"

namespace launcher {
namespace {

using base::Error;
using base::Result;
using base::Status;
using sys::Fd;

// By way of the directory's fd: a path of any length fits into sun_path, and no parent is walked again.
sockaddr_un address_in(int directory, const std::string& name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = "/proc/self/fd/" + std::to_string(directory) + "/" + name;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  return address;
}

// Mode 0 until owner and mode are set: nobody can connect in between.
Result<Fd> bind_closed(int directory, const std::string& name) {
  Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket) return sys::failure("socket", "unix");
  const sockaddr_un address = address_in(directory, name);
  const mode_t before = ::umask(0777);
  const int bound = ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  const Error error = sys::failure("bind", name);
  ::umask(before);
  if (bound != 0) return error;
  return socket;
}

Status refuse_if_alive(int directory, const std::string& name, const std::string& path) {
  struct stat info {};
  if (::fstatat(directory, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) return base::success();
  if (!S_ISSOCK(info.st_mode)) return Error{path + " exists and is no socket; remove it or choose another path", {}, 0, {}};
  Fd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const sockaddr_un address = address_in(directory, name);
  const bool answered = ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 || errno == EAGAIN;
  if (answered) return Error{"another process accepts connections on " + path + "; stop it first", {}, 0, {}};
  return base::success();
}

// From here on by the inode: whoever may write the directory could put something else under the name.
Result<Fd> inode_of(int directory, const std::string& name) {
  Fd inode = TRY(sys::open_at(directory, name, O_PATH | O_NOFOLLOW));
  const struct stat info = TRY(sys::status_of(inode.get()));
  if (!S_ISSOCK(info.st_mode) || info.st_uid != ::geteuid() || (info.st_mode & 0777) != 0)
    return Error{name + " was exchanged by somebody who can write its folder", {}, 0, {}};
  return inode;
}

Status give_to(const Fd& inode, uid_t owner, gid_t group, mode_t mode) {
  TRY(sys::change_owner(inode.get(), owner, group));
  const std::string by_fd = "/proc/self/fd/" + std::to_string(inode.get());
  if (::chmod(by_fd.c_str(), mode) != 0) return sys::failure("chmod", "socket");
  return base::success();
}

// Under its own name until everything is right; then in one move to the name that the web server knows.
Status publish(const LiveSocket& socket, const std::string& fresh, const SocketPlan& plan) {
  TRY(give_to(socket.inode, plan.owner, plan.group, plan.mode));
  if (::listen(socket.listener.get(), static_cast<int>(plan.backlog)) != 0) return sys::failure("listen", plan.unix_path);
  const int directory = socket.directory.get();
  if (::renameat(directory, fresh.c_str(), directory, socket.name.c_str()) != 0) return sys::failure("rename", plan.unix_path);
  const struct stat ours = TRY(sys::status_of(socket.inode.get()));
  const struct stat there = TRY(sys::status_at(directory, socket.name));
  if (ours.st_ino != there.st_ino || ours.st_dev != there.st_dev)
    return Error{plan.unix_path + " was exchanged by somebody who can write its folder", {}, 0, {}};
  return base::success();
}

Result<LiveSocket> open_unix(const SocketPlan& plan) {
  LiveSocket out;
  const auto slash = plan.unix_path.rfind('/');
  out.name = plan.unix_path.substr(slash + 1);
  out.directory = TRY(sys::open_without_links(plan.unix_path.substr(0, slash), O_RDONLY | O_DIRECTORY));
  TRY(refuse_if_alive(out.directory.get(), out.name, plan.unix_path));
  const std::string fresh = "." + out.name + "." + std::to_string(::getpid());
  remove_stale(out.directory.get(), "." + out.name + ".", 0);
  ::unlinkat(out.directory.get(), fresh.c_str(), 0);  // of a process of our number that died here
  out.listener = TRY(bind_closed(out.directory.get(), fresh));
  auto inode = inode_of(out.directory.get(), fresh);
  if (!inode) {
    ::unlinkat(out.directory.get(), fresh.c_str(), 0);
    return inode.take_error();
  }
  out.inode = std::move(inode).value();
  if (auto published = publish(out, fresh, plan); !published) {
    ::unlinkat(out.directory.get(), fresh.c_str(), 0);
    remove_live_socket(out);
    return published.take_error();
  }
  return out;
}

Result<LiveSocket> open_tcp(const SocketPlan& plan) {
  const auto colon = plan.tcp.rfind(':');
  std::string host = plan.tcp.substr(0, colon);
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int code = ::getaddrinfo(host.c_str(), plan.tcp.substr(colon + 1).c_str(), &hints, &found); code != 0)
    return Error{plan.tcp + ": " + gai_strerror(code), {}, 0, {}};
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> address(found, ::freeaddrinfo);
  LiveSocket out;
  out.listener = Fd(::socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int yes = 1;
  if (!out.listener || ::setsockopt(out.listener.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
      ::bind(out.listener.get(), address->ai_addr, address->ai_addrlen) != 0 ||
      ::listen(out.listener.get(), static_cast<int>(plan.backlog)) != 0)
    return sys::failure("listen", plan.tcp);
  return out;
}

}  // namespace

Result<Fd> make_pool_directory(const std::string& path, mode_t mode, bool closes_above) {
  const auto slash = path.rfind('/');
  const std::string name = path.substr(slash + 1);
  Fd run = TRY(sys::open("/", O_PATH | O_DIRECTORY));
  const std::string above = path.substr(0, slash);
  run = TRY(sys::make_directories(run.get(), above.substr(1), 0755));
  if (closes_above) TRY(sys::close_to_others(run.get()));
  if (::geteuid() == 0) TRY(sys::check_trusted_path(above));
  if (auto made = sys::make_directory_at(run.get(), name, mode); !made) return Error{"mkdir", path, made.error().code, {}};
  auto directory = sys::open_at(run.get(), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (!directory && directory.error().code == ENOTDIR)
    return Error{path + " must be a folder, and is a file or a symlink; remove it", {}, 0, {}};
  if (!directory) return Error{"open", path, directory.error().code, {}};
  return std::move(directory).value();
}

Result<PoolDirectory> claim_pool_directory(const std::string& pool, const PoolDirectoryPlan& plan) {
  PoolDirectory out;
  out.directory = TRY(make_pool_directory(plan.path, plan.mode, plan.closes_above));
  out.claim = TRY(sys::open_at(out.directory.get(), ".lock", O_RDWR | O_CREAT | O_NOFOLLOW, 0600));
  const bool is_claimed = ::flock(out.claim.get(), LOCK_EX | LOCK_NB) == 0;
  if (!is_claimed && errno != EWOULDBLOCK) return sys::failure("flock", plan.path + "/.lock");
  if (!is_claimed)
    return Error{"the pool " + pool + " is running already (its launcher holds " + plan.path + "); fpmbox stop " + pool + " ends it", {}, 0, {}};
  if (::fchown(out.directory.get(), plan.owner, plan.group) != 0 || ::fchmod(out.directory.get(), plan.mode) != 0)
    return sys::failure("chown", plan.path);
  remove_stale(out.directory.get(), ".status.", 0);
  return out;
}

Result<LiveSocket> open_live_socket(const SocketPlan& plan) { return plan.tcp.empty() ? open_unix(plan) : open_tcp(plan); }

void remove_live_socket(const LiveSocket& socket) {
  if (!socket.directory || !socket.inode) return;
  const auto ours = sys::status_of(socket.inode.get());
  const auto there = sys::status_at(socket.directory.get(), socket.name);
  if (ours && there && ours.value().st_ino == there.value().st_ino && ours.value().st_dev == there.value().st_dev)
    ::unlinkat(socket.directory.get(), socket.name.c_str(), 0);
}

Result<StatusSocket> open_status_socket(const SocketPlan& plan, int pool_directory, uid_t owner, gid_t group) {
  const std::string name = ".status." + std::to_string(::getpid());
  ::unlinkat(pool_directory, name.c_str(), 0);
  StatusSocket out;
  out.listener = TRY(bind_closed(pool_directory, name));
  auto inode = inode_of(pool_directory, name);
  // Whoever connected to it would be a master of the pool: it must not keep a name.
  if (::unlinkat(pool_directory, name.c_str(), 0) != 0) return sys::failure("unlink", name);
  if (!inode) return inode.take_error();
  out.inode = std::move(inode).value();
  TRY(give_to(out.inode, owner, group, plan.mode));
  if (::listen(out.listener.get(), static_cast<int>(plan.backlog)) != 0) return sys::failure("listen", "status socket");
  return out;
}

Result<Fd> open_health_socket(int pool_directory) {
  ::unlinkat(pool_directory, kHealthSocket, 0);  // of the launcher before
  Fd listener = TRY(bind_closed(pool_directory, kHealthSocket));
  const Fd inode = TRY(inode_of(pool_directory, kHealthSocket));
  TRY(give_to(inode, ::geteuid(), ::getegid(), 0600));
  constexpr int kWaiting = 16;
  if (::listen(listener.get(), kWaiting) != 0) return sys::failure("listen", kHealthSocket);
  return listener;
}

}  // namespace launcher
