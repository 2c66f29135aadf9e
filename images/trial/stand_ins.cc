#include "images/trial/stand_ins.h"

#include <arpa/inet.h>
#include <linux/ipv6.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <optional>
#include <string>

#include "profiles/base/units.h"

namespace images {
namespace {

constexpr const char* kLoopback = "lo";
constexpr int kBacklog = 16;  // connections are made without that anybody takes them
constexpr std::uint32_t kWholeAddress = 128;

struct Address {
  std::string host;
  std::uint16_t port = 0;
  bool is_six = false;
};

// "10.0.0.1:80", "[::1]:80".
std::optional<Address> address_of(const std::string& to) {
  const auto colon = to.rfind(':');
  if (to.starts_with('/') || colon == to.npos) return std::nullopt;
  const auto port = base::parse_unsigned(to.substr(colon + 1));
  if (!port || *port > UINT16_MAX) return std::nullopt;
  const bool is_six = to.starts_with('[');
  return Address{is_six ? to.substr(1, colon - 2) : to.substr(0, colon), static_cast<std::uint16_t>(*port), is_six};
}

sys::Fd open_socket(int family, int kind) { return sys::Fd(::socket(family, kind | SOCK_CLOEXEC, 0)); }

void raise_loopback() {
  const sys::Fd control = open_socket(AF_INET, SOCK_DGRAM);
  ifreq request = {};
  std::string(kLoopback).copy(request.ifr_name, sizeof request.ifr_name - 1);
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  ::ioctl(control.get(), SIOCSIFFLAGS, &request);
}

// netdevice(7): an alias of the interface takes one more address.
void add_four(const sockaddr_in& address, std::size_t number) {
  const sys::Fd control = open_socket(AF_INET, SOCK_DGRAM);
  ifreq request = {};
  (kLoopback + (":" + std::to_string(number))).copy(request.ifr_name, sizeof request.ifr_name - 1);
  *reinterpret_cast<sockaddr_in*>(&request.ifr_addr) = address;
  ::ioctl(control.get(), SIOCSIFADDR, &request);
  reinterpret_cast<sockaddr_in*>(&request.ifr_netmask)->sin_addr.s_addr = INADDR_BROADCAST;  // it alone
  ::ioctl(control.get(), SIOCSIFNETMASK, &request);
}

void add_six(const sockaddr_in6& address) {
  const sys::Fd control = open_socket(AF_INET6, SOCK_DGRAM);
  in6_ifreq request = {address.sin6_addr, kWholeAddress, static_cast<int>(::if_nametoindex(kLoopback))};
  ::ioctl(control.get(), SIOCSIFADDR, &request);
}

sys::Fd listening(int family, const void* address, std::size_t size) {
  sys::Fd out = open_socket(family, SOCK_STREAM);
  const int yes = 1;
  if (family == AF_INET6) ::setsockopt(out.get(), SOL_IPV6, IPV6_FREEBIND, &yes, sizeof yes);  // an address is only just being taken
  const bool listens = ::bind(out.get(), static_cast<const sockaddr*>(address), static_cast<socklen_t>(size)) == 0 && ::listen(out.get(), kBacklog) == 0;
  return listens ? std::move(out) : sys::Fd();
}

sys::Fd on_address(const Address& to, std::size_t number) {
  sockaddr_in four = {.sin_family = AF_INET, .sin_port = ::htons(to.port)};
  sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = ::htons(to.port)};
  if (!to.is_six && ::inet_pton(AF_INET, to.host.c_str(), &four.sin_addr) == 1) {
    if (::ntohl(four.sin_addr.s_addr) >> IN_CLASSA_NSHIFT != IN_LOOPBACKNET) add_four(four, number);
    return listening(AF_INET, &four, sizeof four);
  }
  if (!to.is_six || ::inet_pton(AF_INET6, to.host.c_str(), &six.sin6_addr) != 1) return sys::Fd();
  if (!IN6_IS_ADDR_LOOPBACK(&six.sin6_addr)) add_six(six);
  return listening(AF_INET6, &six, sizeof six);
}

sys::Fd on_path(const std::string& path) {
  sockaddr_un address = {.sun_family = AF_UNIX};
  if (path.size() >= sizeof address.sun_path) return sys::Fd();
  path.copy(address.sun_path, path.size());
  sys::Fd out = listening(AF_UNIX, &address, offsetof(sockaddr_un, sun_path) + path.size() + 1);
  if (out) ::chmod(path.c_str(), 0666);
  return out;
}

}  // namespace

StandIns make_stand_ins(const profiles::Expect& expect) {
  StandIns out;
  raise_loopback();
  for (const profiles::ExpectedConnection& expected : expect.connects) {
    const auto address = address_of(expected.to);
    sys::Fd made = address ? on_address(*address, out.sockets.size() + 1) : on_path(expected.to);
    if (made) out.sockets.push_back(std::move(made));
  }
  return out;
}

}  // namespace images
