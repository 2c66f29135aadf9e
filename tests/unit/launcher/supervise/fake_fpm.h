// What stands in for FPM where a test needs sockets and a process, but no PHP.
#pragma once

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "launcher/sys/fd.h"

inline std::string fastcgi_reply(const std::string& text) {
  using namespace std::string_literals;
  return "\1\6\0\1"s + static_cast<char>(text.size() >> 8) + static_cast<char>(text.size() & 255) + "\0\0"s + text +
         "\1\3\0\1\0\10\0\0\0\0\0\0\0\0\0\0"s;
}
inline const std::string kPong = fastcgi_reply("Content-type: text/plain\r\n\r\npong");
inline const std::string kNotFound = fastcgi_reply("Status: 404 Not Found\r\n\r\nFile not found.\n");

// A listening Unix socket whose name is gone, as the launcher makes them.
struct FakeSocket {
  sys::Fd listener{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sys::Fd inode;
  FakeSocket() {
    char directory[] = "/tmp/fpmbox-test-XXXXXX";
    if (::mkdtemp(directory) == nullptr) ::abort();
    const std::string path = std::string(directory) + "/status.sock";
    sockaddr_un where = {};
    where.sun_family = AF_UNIX;
    path.copy(where.sun_path, path.size());
    if (::bind(listener.get(), reinterpret_cast<sockaddr*>(&where), sizeof where) != 0) ::abort();
    if (::listen(listener.get(), 16) != 0) ::abort();
    inode = sys::Fd(::open(path.c_str(), O_PATH | O_CLOEXEC));
    ::unlink(path.c_str());
    ::rmdir(directory);
  }
};

// Answers one connection after another with these bytes. Who has hung up meanwhile got no answer: the next one gets it.
inline int serve(int listener, const std::vector<std::string>& answers) {
  for (std::size_t given = 0; given < answers.size();) {
    const sys::Fd connection(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
    if (!connection) return 1;
    char request[4096];
    const std::string& answer = answers[given];
    if (::read(connection.get(), request, sizeof request) <= 0) continue;
    if (::send(connection.get(), answer.data(), answer.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(answer.size())) ++given;
  }
  return 0;
}
