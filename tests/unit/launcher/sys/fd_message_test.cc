#include "launcher/sys/fd_message.h"

#include <doctest/doctest.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cstddef>
#include <cstring>
#include <filesystem>
#include <iterator>

namespace {

struct Ends {
  sys::Fd one, other;
};

Ends socket_pair() {
  int ends[2] = {};
  REQUIRE(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0);
  return {sys::Fd(ends[0]), sys::Fd(ends[1])};
}

ino_t inode_of(int fd) {
  struct stat info = {};
  REQUIRE(::fstat(fd, &info) == 0);
  return info.st_ino;
}

std::ptrdiff_t open_fds() { return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}); }

}  // namespace

TEST_CASE("descriptors arrive in their order, closed at an exec, beside their byte") {
  const Ends ends = socket_pair();
  const sys::Fd root(::open("/", O_PATH | O_CLOEXEC)), proc(::open("/proc", O_PATH | O_CLOEXEC));
  const int fds[] = {root.get(), proc.get()};
  REQUIRE(sys::send_fds(ends.one.get(), 'n', fds).ok());
  const sys::FdMessage message = sys::receive_fds(ends.other.get());
  CHECK_EQ(message.count, 1);
  CHECK_EQ(message.byte, 'n');
  CHECK_EQ(inode_of(message.fds[0].get()), inode_of(root.get()));
  CHECK_EQ(inode_of(message.fds[1].get()), inode_of(proc.get()));
  CHECK_FALSE(message.fds[2]);
  CHECK_EQ(::fcntl(message.fds[0].get(), F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
}

TEST_CASE("a byte alone, nothing yet, and the end") {
  Ends ends = socket_pair();
  REQUIRE_EQ(::send(ends.one.get(), "g", 1, 0), 1);
  const sys::FdMessage message = sys::receive_fds(ends.other.get());
  CHECK_EQ(message.count, 1);
  CHECK_EQ(message.byte, 'g');
  CHECK_FALSE(message.fds[0]);
  CHECK_EQ(sys::receive_fds(ends.other.get(), MSG_DONTWAIT).count, -1);
  CHECK_EQ(errno, EAGAIN);
  ends.one.reset();
  CHECK_EQ(sys::receive_fds(ends.other.get()).count, 0);
}

TEST_CASE("more than a message takes are not sent; of a stranger's, none that has no place stays open") {
  const Ends ends = socket_pair();
  const int many[] = {0, 0, 0, 0};
  static_assert(std::size(many) > sys::kMostFds);
  CHECK_EQ(sys::send_fds(ends.one.get(), 'n', many).error().code, EINVAL);

  char byte = 'n';
  iovec part = {&byte, 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof many)] = {};
  msghdr header = {};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control;
  header.msg_controllen = sizeof control;
  cmsghdr* rights = CMSG_FIRSTHDR(&header);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof many);
  std::memcpy(CMSG_DATA(rights), many, sizeof many);
  const std::ptrdiff_t before = open_fds();
  REQUIRE_EQ(::sendmsg(ends.one.get(), &header, 0), 1);
  {
    const sys::FdMessage message = sys::receive_fds(ends.other.get());
    for (const sys::Fd& fd : message.fds) CHECK(fd);
  }
  CHECK_EQ(open_fds(), before);
}
