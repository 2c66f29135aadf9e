// Network addresses as profiles write them. Spelling only: names are resolved at launch.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace profiles {

struct Address {
  std::string host;  // without the brackets of IPv6
  std::uint16_t port = 0;
};

// "127.0.0.1:9001", "[::1]:9001": an address to listen on.
std::optional<Address> parse_listen_address(std::string_view text);
// The same, or a host name: "plugins.matomo.org:443".
std::optional<Address> parse_peer(std::string_view text);
// "wiki@example.org": what SMTP takes between its brackets, in ASCII and without quoting.
bool is_mail_address(std::string_view text);
bool is_loopback(const Address& address);

}  // namespace profiles
