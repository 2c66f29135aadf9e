#include "launcher/sys/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <sys/ioctl.h>

#include "launcher/sys/file.h"

namespace sys {
namespace {

constexpr int kAttempts = 16;  // others take the same free number

}  // namespace

base::Result<LoopDevice> attach_loop(const std::string& file) {
  const Fd backing = TRY(open(file, O_RDONLY));
  const Fd control = TRY(open("/dev/loop-control", O_RDWR));
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const int number = ::ioctl(control.get(), LOOP_CTL_GET_FREE);
    if (number < 0) return failure("LOOP_CTL_GET_FREE", "/dev/loop-control");
    LoopDevice out{"/dev/loop" + std::to_string(number), {}};
    out.fd = TRY(open(out.path, O_RDONLY));
    struct loop_config config = {};
    config.fd = static_cast<__u32>(backing.get());
    config.info.lo_flags = LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR;
    if (::ioctl(out.fd.get(), LOOP_CONFIGURE, &config) == 0) return out;
    if (errno != EBUSY) return failure("LOOP_CONFIGURE", out.path);
  }
  return base::Error{"every loop device was taken by others first", file, 0, {}};
}

}  // namespace sys
