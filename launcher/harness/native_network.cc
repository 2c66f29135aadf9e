// Probes that connect: to what listens on the host, and to what every network leads to.
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>

#include "launcher/harness/native_probes.h"
#include "launcher/sys/file.h"

namespace harness {
namespace {

Attempt reach(int family, int kind, const void* address, std::size_t size) {
  const sys::Fd socket(::socket(family, kind | SOCK_CLOEXEC, 0));
  if (!socket) return sys::failure("socket", {});
  return word_of(::connect(socket.get(), static_cast<const sockaddr*>(address), static_cast<socklen_t>(size)));
}

Attempt reach_unix(const std::string& bytes) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (bytes.size() > sizeof address.sun_path) return base::Error{"sockaddr_un", bytes, ENAMETOOLONG, {}};
  bytes.copy(address.sun_path, bytes.size());
  return reach(AF_UNIX, SOCK_STREAM, &address, offsetof(sockaddr_un, sun_path) + bytes.size());
}

}  // namespace

Attempt probe_connect_inet(const ProbeArguments& a) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = ::htons(static_cast<std::uint16_t>(number_at(a, 1)));
  if (::inet_pton(AF_INET, text_at(a, 0).c_str(), &address.sin_addr) != 1) return std::string("no address");
  return reach(AF_INET, static_cast<int>(number_at(a, 2)), &address, sizeof address);
}

Attempt probe_connect_inet6(const ProbeArguments& a) {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = ::htons(static_cast<std::uint16_t>(number_at(a, 1)));
  if (::inet_pton(AF_INET6, text_at(a, 0).c_str(), &address.sin6_addr) != 1) return std::string("no address");
  return reach(AF_INET6, static_cast<int>(number_at(a, 2)), &address, sizeof address);
}

Attempt probe_connect_unix(const ProbeArguments& a) { return reach_unix(text_at(a, 0) + std::string(1, '\0')); }

Attempt probe_connect_abstract(const ProbeArguments& a) { return reach_unix(std::string(1, '\0') + text_at(a, 0)); }

Attempt probe_bind_inet(const ProbeArguments& a) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = ::htons(static_cast<std::uint16_t>(number_at(a, 0)));
  const sys::Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket) return sys::failure("socket", {});
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return errno_name(errno);
  return word_of(::listen(socket.get(), 1));
}

Attempt probe_interfaces(const ProbeArguments&) {
  const std::string text = TRY(sys::read_file("/proc/self/net/dev", 65536));
  std::size_t others = 0;
  for (std::size_t colon = text.find(':'); colon != text.npos; colon = text.find(':', colon + 1)) {
    const auto begin = text.find_last_of(" \n", colon) + 1;
    if (text.substr(begin, colon - begin) != "lo") ++others;
  }
  return std::string(others == 0 ? "lo alone" : "more than lo");
}

}  // namespace harness
