#include "launcher/harness/own_program.h"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launcher/sys/file.h"

namespace harness {
namespace {

constexpr const char* kName = "fpmbox";
constexpr mode_t kMode = 0755;

base::Status copy_self(int folder) {
  const sys::Fd self = TRY(sys::open("/proc/self/exe", O_RDONLY));
  const sys::Fd copy = TRY(sys::open_at(folder, kName, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, kMode));
  const struct stat status = TRY(sys::status_of(self.get()));
  for (off_t left = status.st_size; left > 0;) {
    const ssize_t count = ::sendfile(copy.get(), self.get(), nullptr, static_cast<std::size_t>(left));
    if (count <= 0) return sys::failure("sendfile", kName);
    left -= count;
  }
  return ::fchmod(copy.get(), kMode) == 0 ? base::success() : sys::failure("fchmod", kName);  // whatever the umask
}

}  // namespace

base::Result<std::string> own_program(const std::string& folder) {
  const sys::Fd opened = TRY(sys::open(folder, O_RDONLY | O_DIRECTORY));
  if (!sys::status_at(opened.get(), kName)) TRY(copy_self(opened.get()));
  return folder + "/" + kName;
}

}  // namespace harness
