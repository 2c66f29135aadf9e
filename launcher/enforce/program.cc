#include "launcher/enforce/program.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/mman.h>

#include <cerrno>

#include "launcher/sys/digest.h"
#include "launcher/sys/file.h"
#include "launcher/sys/missing.h"
#include "launcher/sys/mount.h"

namespace launcher {
namespace {

constexpr const char* kOwnName = "php-fpm";

// Gives the digest of what was copied.
base::Result<std::string> copy_to(const sys::Fd& directory, const sys::Fd& source) {
  const sys::Fd copy = TRY(sys::open_at(directory.get(), kOwnName, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0600));
  TRY(copy_bytes(source.get(), copy.get()));
  std::string digest = TRY(sys::sha256_of_file(copy.get()));
  if (::fchmod(copy.get(), 0111) != 0) return sys::failure("chmod", kOwnName);
  return digest;
}

// With vm.memfd_noexec=1 memory is executable only where it is asked for; Linux before 6.3 does not know the word.
sys::Fd executable_memory() {
  constexpr unsigned kFlags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  sys::Fd copy(::memfd_create(kOwnName, kFlags | MFD_EXEC));
  return copy || errno != EINVAL ? std::move(copy) : sys::Fd(::memfd_create(kOwnName, kFlags));
}

}  // namespace

base::Result<OwnProgram> make_own_program(const std::string& source) {
  const sys::Fd file = TRY(sys::open(source, O_RDONLY));
  const struct stat info = TRY(sys::status_of(file.get()));
  constexpr long kRoomForNames = 65536;
  const sys::Fd tree = TRY(sys::new_filesystem("tmpfs", {{"size", std::to_string(info.st_size + kRoomForNames)}, {"mode", "0700"}},
                                               MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV));
  OwnProgram out;
  out.digest = TRY(copy_to(tree, file));
  TRY(sys::set_mount_attributes(tree.get(), MOUNT_ATTR_RDONLY, 0, false));
  out.program = TRY(sys::open_at(tree.get(), kOwnName, O_PATH | O_NOFOLLOW));
  return out;
}

base::Result<OwnProgram> make_program_in_memory(const std::string& source) {
  const sys::Fd file = TRY(sys::open(source, O_RDONLY));
  const sys::Fd copy = executable_memory();
  if (!copy) return sys::failure("memfd_create (sysctl vm.memfd_noexec must not be 2)", kOwnName);
  TRY(copy_bytes(file.get(), copy.get()));
  OwnProgram out;
  out.digest = TRY(sys::sha256_of_file(copy.get()));
  if (::fchmod(copy.get(), 0111) != 0) return sys::failure("chmod", kOwnName);
  if (::fcntl(copy.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0) return sys::failure("seal", kOwnName);
  // what is open for writing cannot be executed (ETXTBSY)
  out.program = TRY(sys::open("/proc/self/fd/" + std::to_string(copy.get()), O_PATH));
  return out;
}

base::Result<sys::Fd> open_program(const ProgramCopy& copy) {
  sys::Fd program = TRY(sys::open_at(copy.directory.get(), copy.name, O_PATH | O_NOFOLLOW));
  sys::Fd alone = TRY(sys::clone_tree(program.get()));
  TRY(sys::set_mount_attributes(alone.get(), MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, MOUNT_ATTR_NOEXEC, false));
  return alone;
}

}  // namespace launcher
