#include "launcher/sys/notification.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "launcher/sys/file.h"

namespace sys {
namespace {

// A kernel may know longer structures than the headers that this was built with.
seccomp_notif_sizes kernel_sizes() {
  seccomp_notif_sizes sizes = {};
  if (::syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) != 0) sizes = {};
  sizes.seccomp_notif = std::max<decltype(sizes.seccomp_notif)>(sizes.seccomp_notif, sizeof(seccomp_notif));
  sizes.seccomp_notif_resp =
      std::max<decltype(sizes.seccomp_notif_resp)>(sizes.seccomp_notif_resp, sizeof(seccomp_notif_resp));
  return sizes;
}

}  // namespace

Notifications::Notifications() {
  const seccomp_notif_sizes sizes = kernel_sizes();
  request_.resize(sizes.seccomp_notif);
  response_.resize(sizes.seccomp_notif_resp);
}

base::Result<std::optional<Notification>> Notifications::receive(int listener) {
  std::fill(request_.begin(), request_.end(), static_cast<unsigned char>(0));  // the kernel insists
  if (::ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, request_.data()) != 0) {
    if (errno == ENOENT || errno == EINTR) return std::optional<Notification>();
    return failure("SECCOMP_IOCTL_NOTIF_RECV", {});
  }
  seccomp_notif request;
  std::memcpy(&request, request_.data(), sizeof request);
  return std::optional(Notification{request.id, static_cast<pid_t>(request.pid), request.data});
}

base::Status Notifications::refuse(int listener, const Notification& notification, int code) {
  seccomp_notif_resp response = {};
  response.id = notification.id;
  response.error = -code;
  return answer(listener, response);
}

bool Notifications::is_waiting(int listener, const Notification& notification) const {
  std::uint64_t id = notification.id;
  return ::ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0;
}

base::Status Notifications::let_through(int listener, const Notification& notification) {
  seccomp_notif_resp response = {};
  response.id = notification.id;
  response.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
  return answer(listener, response);
}

base::Status Notifications::answer(int listener, const seccomp_notif_resp& response) {
  std::fill(response_.begin(), response_.end(), static_cast<unsigned char>(0));
  std::memcpy(response_.data(), &response, sizeof response);
  if (::ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, response_.data()) != 0 && errno != ENOENT)
    return failure("SECCOMP_IOCTL_NOTIF_SEND", {});
  return base::success();
}

}  // namespace sys
