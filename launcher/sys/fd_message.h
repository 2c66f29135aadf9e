// One byte and descriptors over a Unix socket (unix(7), SCM_RIGHTS). Nothing here allocates: a janitor has no heap.
//
//   TRY(send_fds(socket, kListener, {&listener, 1}));
//   const FdMessage message = receive_fds(socket);      // message.fds[0] is open, or empty where none came
#pragma once

#include <sys/types.h>

#include <array>
#include <span>

#include "launcher/sys/fd.h"
#include "profiles/base/result.h"

namespace sys {

inline constexpr std::size_t kMostFds = 3;  // of one message

struct FdMessage {
  ssize_t count = 0;  // as recvmsg(2) gives it: 1, 0 at the end, or -1 with errno
  char byte = 0;
  std::array<Fd, kMostFds> fds = {};  // those that came, then empty ones
};

base::Status send_fds(int socket, char byte, std::span<const int> fds);
// CLOEXEC, all of them. `flags` of recvmsg(2), such as MSG_DONTWAIT.
FdMessage receive_fds(int socket, int flags = 0);

}  // namespace sys
