// A server in another's place, where there is none: it listens, and nobody takes its connections. With it, it is the box that keeps
// an address from the pool, and not the want of a server.
//
//   if (const auto address = server_address("127.0.0.1:3306")) const sys::Fd server = TRY(stand_in(*address));
#pragma once

#include <sys/socket.h>

#include <optional>
#include <string>
#include <vector>

#include "launcher/sys/fd.h"
#include "profiles/base/result.h"

namespace harness {

// As bind(2) takes it.
struct ServerAddress {
  sockaddr_storage bytes = {};
  socklen_t size = 0;
  int family() const { return bytes.ss_family; }
  bool is_loopback() const;  // 127.0.0.0/8, ::1
};
// "10.0.0.1:80", "[::1]:80"; nothing for anything else.
std::optional<ServerAddress> server_address(const std::string& to);

base::Result<sys::Fd> stand_in(const ServerAddress& address);
// Of all that are named. The error names the address.
base::Result<std::vector<sys::Fd>> stand_ins(const std::vector<std::string>& addresses);

}  // namespace harness
