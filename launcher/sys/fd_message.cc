#include "launcher/sys/fd_message.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <cstring>

#include "launcher/sys/file.h"

namespace sys {
namespace {

struct Envelope {
  char byte = 0;
  iovec part = {&byte, 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * kMostFds)] = {};
  msghdr header = {};

  Envelope() {
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control;
    header.msg_controllen = CMSG_LEN(sizeof(int) * kMostFds);  // not all of the space, whose end would take another
  }
};

}  // namespace

base::Status send_fds(int socket, char byte, std::span<const int> fds) {
  if (fds.size() > kMostFds) return base::Error{"more descriptors than a message takes", {}, EINVAL, {}};
  Envelope envelope;
  envelope.byte = byte;
  envelope.header.msg_controllen = CMSG_SPACE(fds.size_bytes());
  cmsghdr* rights = CMSG_FIRSTHDR(&envelope.header);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(fds.size_bytes());
  std::memcpy(CMSG_DATA(rights), fds.data(), fds.size_bytes());
  if (::sendmsg(socket, &envelope.header, MSG_NOSIGNAL) != 1) return failure("sendmsg", {});
  return base::success();
}

FdMessage receive_fds(int socket, int flags) {
  Envelope envelope;
  FdMessage out;
  while ((out.count = ::recvmsg(socket, &envelope.header, flags | MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR) continue;
  if (out.count <= 0) return out;
  out.byte = envelope.byte;
  const cmsghdr* rights = CMSG_FIRSTHDR(&envelope.header);
  if (rights == nullptr || rights->cmsg_level != SOL_SOCKET || rights->cmsg_type != SCM_RIGHTS) return out;
  std::array<int, kMostFds> fds{};
  const std::size_t count = (rights->cmsg_len - CMSG_LEN(0)) / sizeof(int);
  std::memcpy(fds.data(), CMSG_DATA(rights), count * sizeof(int));
  for (std::size_t i = 0; i < count; ++i) out.fds[i] = Fd(fds[i]);
  return out;
}

}  // namespace sys
