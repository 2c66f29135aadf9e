#include "launcher/harness/bait_listeners.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>

#include "launcher/sys/file.h"

namespace harness {
namespace {

using base::Result;
using Targets = std::map<std::string, std::string>;

constexpr const char* kAddress = "127.9.9.9";  // loopback, and nobody's
constexpr std::string_view kGreeting = "the host\n";
// A FastCGI answer: STDOUT "\r\n\r\nneighbour", end of it, END_REQUEST.
constexpr std::string_view kFastcgiAnswer{"\1\6\0\1\0\15\0\0\r\n\r\nneighbour\1\6\0\1\0\0\0\0\1\3\0\1\0\10\0\0\0\0\0\0\0\0\0\0", 45};

Result<sys::Fd> bound(int family, int kind, const void* address, std::size_t size) {
  sys::Fd socket(::socket(family, kind | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return sys::failure("socket", {});
  if (::bind(socket.get(), static_cast<const sockaddr*>(address), static_cast<socklen_t>(size)) != 0) return sys::failure("bind", {});
  if (kind == SOCK_STREAM && ::listen(socket.get(), 64) != 0) return sys::failure("listen", {});
  return socket;
}

Result<Listener> on_loopback(int kind, const std::string& target, Targets& targets) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  ::inet_pton(AF_INET, kAddress, &address.sin_addr);
  Listener out{{}, kind == SOCK_STREAM ? kGreeting : ""};
  out.socket = TRY(bound(AF_INET, kind, &address, sizeof address));
  socklen_t size = sizeof address;
  if (::getsockname(out.socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) return sys::failure("getsockname", {});
  targets[target] = std::to_string(::ntohs(address.sin_port));
  return out;
}

Result<Listener> on_name(const std::string& name, std::string_view answer) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (name.size() >= sizeof address.sun_path) return base::Error{"the folder's path is too long for a socket", name, 0, {}};
  name.copy(address.sun_path, name.size());
  const std::size_t end = name.front() == '\0' ? name.size() : name.size() + 1;
  Listener out{{}, answer};
  out.socket = TRY(bound(AF_UNIX, SOCK_STREAM, &address, offsetof(sockaddr_un, sun_path) + end));
  if (name.front() != '\0' && ::chmod(name.c_str(), 0666) != 0) return sys::failure("chmod", name);
  return out;
}

struct Named {
  const char* target;
  const char* file;
  std::string_view answer;
};
constexpr Named kSockets[] = {{"unix_path", "database.sock", kGreeting},
                              {"neighbour_socket", "neighbour.sock", kFastcgiAnswer},
                              {"status_socket", "status.sock", kFastcgiAnswer}};

}  // namespace

Result<std::vector<Listener>> listen_everywhere(const BaitInput& input, Targets& targets) {
  std::vector<Listener> out;
  targets["address"] = kAddress;
  Listener tcp = TRY(on_loopback(SOCK_STREAM, "tcp_port", targets));
  Listener udp = TRY(on_loopback(SOCK_DGRAM, "udp_port", targets));
  targets["abstract"] = "fpmbox-bait-" + std::to_string(::getpid());
  Listener abstract = TRY(on_name(std::string(1, '\0') + targets["abstract"], kGreeting));
  out.push_back(std::move(tcp));
  out.push_back(std::move(udp));
  out.push_back(std::move(abstract));
  for (const Named& named : kSockets) {
    targets[named.target] = input.folder + "/run/" + named.file;
    Listener listener = TRY(on_name(targets[named.target], named.answer));
    out.push_back(std::move(listener));
  }
  return out;
}

void answer(const Listener& listener) {
  char dropped[512];
  if (listener.answer.empty()) {
    while (::recv(listener.socket.get(), dropped, sizeof dropped, MSG_DONTWAIT) > 0) {
    }
    return;
  }
  const sys::Fd connection(::accept4(listener.socket.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!connection) return;
  pollfd readable = {connection.get(), POLLIN, 0};
  if (listener.answer == kFastcgiAnswer && ::poll(&readable, 1, 200) > 0) ::recv(connection.get(), dropped, sizeof dropped, 0);
  ::send(connection.get(), listener.answer.data(), listener.answer.size(), MSG_NOSIGNAL);
}

}  // namespace harness
