#include "launcher/facts/image_refusal.h"

#include <errno.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <string>
#include <string_view>

#include "launcher/sys/file.h"

namespace launcher {
namespace {

using base::Error;
using base::Status;

// Documentation/filesystems/erofs.rst, "On-disk format": the superblock, and what it begins with
constexpr off_t kSuperblock = 1024;
constexpr std::array<unsigned char, 4> kMagic = {0xe2, 0xe1, 0xf5, 0xe0};

struct Row {
  std::string_view act;
  std::string_view subject;  // what it begins with
  int code;                  // 0: any
  const char* why;
};

constexpr const char* kNoLoop =
    "this kernel mounts no EROFS file by itself (Linux 6.12 and newer do), and there is no loop device for it; run: modprobe loop, or build a folder: --rootfs dir";
constexpr const char* kDamaged =
    "the kernel refuses it: it is damaged, or made by a newer mkfs.erofs than this kernel reads (dmesg says which); build it anew";

constexpr Row kRows[] = {
    {"fsopen", "erofs", ENODEV, "this kernel has no EROFS; run: modprobe erofs, or build a folder: --rootfs dir"},
    {"open", "/dev/loop", 0, kNoLoop},
    {"LOOP_", "", 0, kNoLoop},
    {"fsconfig", "erofs", EINVAL, kDamaged},
    {"fsconfig", "erofs", EOPNOTSUPP, kDamaged},
    {"fsconfig", "erofs", EUCLEAN, kDamaged},
    {"fsconfig", "erofs", EIO, kDamaged},
};

bool is_meant(const Row& row, const Error& error) {
  return error.act.starts_with(row.act) && error.subject.starts_with(row.subject) && (row.code == 0 || row.code == error.code);
}

}  // namespace

Status check_erofs(const sys::Fd& file) {
  std::array<unsigned char, 4> found = {};
  const ssize_t count = ::pread(file.get(), found.data(), found.size(), kSuperblock);
  if (count < 0) return sys::failure("read", {});
  if (found == kMagic) return base::success();
  return Error{"it is no EROFS image", {}, 0, {}};
}

Error explain_mount(const Error& error) {
  for (const Row& row : kRows)
    if (is_meant(row, error)) return {std::string(row.why) + " [" + error.text() + "]", {}, 0, {}};
  return error;
}

}  // namespace launcher
