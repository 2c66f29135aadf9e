#include "profiles/checks/address.h"

#include <arpa/inet.h>

#include "profiles/base/text.h"
#include "profiles/base/units.h"
#include "profiles/checks/report.h"

namespace profiles {

namespace {

bool is_ipv4(const std::string& host) {
  in_addr address{};
  return ::inet_pton(AF_INET, host.c_str(), &address) == 1;
}

bool is_ipv6(const std::string& host) {
  in6_addr address{};
  return ::inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

bool is_host_name(const std::string& host) {
  if (host.size() > 253) return false;
  const auto labels = base::split(host, '.');
  for (const std::string& label : labels) {
    if (label.size() > 63 || label.starts_with('-') || label.ends_with('-')) return false;
    if (!consists_of(label, {kLower, kUpper, kDigits, "-"})) return false;
  }
  return !consists_of(labels.back(), {kDigits});  // 10.0.0.300 is a mistyped address
}

// Host and port; the host of "[::1]:1" keeps its brackets, so that callers can tell.
std::optional<Address> split_port(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  const auto port = base::parse_unsigned(text.substr(colon + 1));
  if (!port || *port < 1 || *port > 65535) return std::nullopt;
  return Address{std::string(text.substr(0, colon)), static_cast<std::uint16_t>(*port)};
}

}  // namespace

std::optional<Address> parse_listen_address(std::string_view text) {
  auto address = split_port(text);
  if (!address) return std::nullopt;
  if (address->host.starts_with('[') && address->host.ends_with(']')) {
    address->host = address->host.substr(1, address->host.size() - 2);
    return is_ipv6(address->host) ? address : std::nullopt;
  }
  return is_ipv4(address->host) ? address : std::nullopt;
}

std::optional<Address> parse_peer(std::string_view text) {
  if (auto address = parse_listen_address(text)) return address;
  auto address = split_port(text);
  return address && is_host_name(address->host) ? address : std::nullopt;
}

bool is_mail_address(std::string_view text) {
  const auto at = text.rfind('@');
  if (at == 0 || at == std::string_view::npos || text.size() > 254) return false;
  return consists_of(text.substr(0, at), {kLower, kUpper, kDigits, "!#$%&'*+-/=?^_`{|}~."}) &&
         is_host_name(std::string(text.substr(at + 1)));
}

bool is_loopback(const Address& address) {
  in_addr four{};
  if (::inet_pton(AF_INET, address.host.c_str(), &four) == 1) return (ntohl(four.s_addr) >> 24) == 127;
  in6_addr six{};
  return ::inet_pton(AF_INET6, address.host.c_str(), &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

}  // namespace profiles
