#include "launcher/harness/stand_in.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstring>

#include "launcher/sys/file.h"
#include "profiles/base/units.h"

namespace harness {
namespace {

constexpr int kBacklog = 16;  // connections are made without that anybody takes them

template <class Address>
ServerAddress address_of(const Address& address) {
  ServerAddress out;
  std::memcpy(&out.bytes, &address, sizeof address);
  out.size = sizeof address;
  return out;
}

template <class Address>
Address as(const ServerAddress& address) {
  Address out;
  std::memcpy(&out, &address.bytes, sizeof out);
  return out;
}

}  // namespace

bool ServerAddress::is_loopback() const {
  if (family() == AF_INET) return ::ntohl(as<sockaddr_in>(*this).sin_addr.s_addr) >> IN_CLASSA_NSHIFT == IN_LOOPBACKNET;
  const sockaddr_in6 six = as<sockaddr_in6>(*this);
  return family() == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&six.sin6_addr);
}

std::optional<ServerAddress> server_address(const std::string& to) {
  const auto colon = to.rfind(':');
  if (colon == to.npos || colon == 0) return std::nullopt;
  const auto port = base::parse_unsigned(to.substr(colon + 1));
  if (!port || *port > UINT16_MAX) return std::nullopt;
  const bool is_six = to.starts_with('[') && to[colon - 1] == ']';
  const std::string host = is_six ? to.substr(1, colon - 2) : to.substr(0, colon);
  sockaddr_in four = {.sin_family = AF_INET, .sin_port = ::htons(static_cast<std::uint16_t>(*port)), .sin_addr = {}, .sin_zero = {}};
  sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = four.sin_port, .sin6_flowinfo = 0, .sin6_addr = {}, .sin6_scope_id = 0};
  if (is_six && ::inet_pton(AF_INET6, host.c_str(), &six.sin6_addr) == 1) return address_of(six);
  if (!is_six && ::inet_pton(AF_INET, host.c_str(), &four.sin_addr) == 1) return address_of(four);
  return std::nullopt;
}

base::Result<sys::Fd> stand_in(const ServerAddress& address) {
  sys::Fd out(::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!out) return sys::failure("socket", "a server");
  const int yes = 1;
  if (address.family() == AF_INET6) ::setsockopt(out.get(), SOL_IPV6, IPV6_FREEBIND, &yes, sizeof yes);  // an address is only just being taken
  if (::bind(out.get(), reinterpret_cast<const sockaddr*>(&address.bytes), address.size) != 0) return sys::failure("bind", "a server");
  if (::listen(out.get(), kBacklog) != 0) return sys::failure("listen", "a server");
  return out;
}

base::Result<std::vector<sys::Fd>> stand_ins(const std::vector<std::string>& addresses) {
  std::vector<sys::Fd> out;
  for (const std::string& to : addresses) {
    const auto address = server_address(to);
    if (!address) return base::Error{to + " is no address of a server: write ADDRESS:PORT", {}, 0, {}};
    auto made = stand_in(*address);
    if (!made) return made.take_error().during("standing in at " + to);
    out.push_back(std::move(made).value());
  }
  return out;
}

}  // namespace harness
