#include "images/trial/stand_ins.h"

#include <linux/ipv6.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <string>

#include "launcher/harness/stand_in.h"

namespace images {
namespace {

constexpr const char* kLoopback = "lo";
constexpr int kBacklog = 16;  // connections are made without that anybody takes them
constexpr std::uint32_t kWholeAddress = 128;

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

sys::Fd on_address(const harness::ServerAddress& to, std::size_t number) {
  if (!to.is_loopback() && to.family() == AF_INET) add_four(reinterpret_cast<const sockaddr_in&>(to.bytes), number);
  if (!to.is_loopback() && to.family() == AF_INET6) add_six(reinterpret_cast<const sockaddr_in6&>(to.bytes));
  auto made = harness::stand_in(to);
  return made ? std::move(made).value() : sys::Fd();
}

sys::Fd on_path(const std::string& path) {
  sockaddr_un address = {.sun_family = AF_UNIX};
  if (path.size() >= sizeof address.sun_path) return sys::Fd();
  path.copy(address.sun_path, path.size());
  sys::Fd out = open_socket(AF_UNIX, SOCK_STREAM);
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
  if (::bind(out.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0 || ::listen(out.get(), kBacklog) != 0) return sys::Fd();
  ::chmod(path.c_str(), 0666);
  return out;
}

}  // namespace

StandIns make_stand_ins(const profiles::Expect& expect) {
  StandIns out;
  raise_loopback();
  for (const profiles::ExpectedConnection& expected : expect.connects) {
    const auto address = harness::server_address(expected.to);
    sys::Fd made = address ? on_address(*address, out.sockets.size() + 1) : on_path(expected.to);
    if (made) out.sockets.push_back(std::move(made));
  }
  return out;
}

}  // namespace images
