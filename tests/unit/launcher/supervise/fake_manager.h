// What stands in for a service manager: the other end of a notification socket.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <string>

#include "launcher/sys/fd.h"

// A manager's end on an abstract address; "@name".
struct FakeManager {
  sys::Fd socket{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  std::string address = "@fpmbox-notify-test-" + std::to_string(::getpid());
  FakeManager() {
    sockaddr_un where = {};
    where.sun_family = AF_UNIX;
    address.copy(where.sun_path, address.size());
    where.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size());
    if (::bind(socket.get(), reinterpret_cast<sockaddr*>(&where), size) != 0) ::abort();
  }
  std::string next() {
    char buffer[512];
    const ssize_t count = ::recv(socket.get(), buffer, sizeof buffer, 0);
    return count < 0 ? "nothing" : std::string(buffer, static_cast<std::size_t>(count));
  }
};
