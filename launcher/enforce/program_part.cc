#include "launcher/enforce/program_part.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "launcher/plan/inside.h"
#include "launcher/sys/file.h"
#include "launcher/sys/random.h"

namespace launcher {
namespace {

using base::Error;
using base::Result;
using base::Status;

constexpr int kMostParts = 100;  // each was met by somebody between two calls
constexpr int kPauseMs = 1;

}  // namespace

Result<bool> lock_alone(int file) {
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return false;
    return sys::failure("flock", outside::kPrograms);
  }
  const struct stat info = TRY(sys::status_of(file));
  return info.st_nlink == 1;
}

// Another name each time: whoever removes the last one by its name must not meet this one.
Result<Part> make_part(int directory) {
  for (int parts = 0; parts < kMostParts; ++parts) {
    Part part;
    part.name = TRY(sys::random_digits());
    part.name.insert(0, kPart);
    part.file = TRY(sys::open_at(directory, part.name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0600));
    auto ours = lock_alone(part.file.get());
    if (ours && ours.value()) return part;
    ::unlinkat(directory, part.name.c_str(), 0);
    if (!ours) return ours.take_error();
  }
  return Error{"each of " + std::to_string(kMostParts) + " files that were begun in " + outside::kPrograms + " was removed at once by another launcher; start again", {}, 0, {}};
}

bool is_sound(const struct stat& info) {
  return S_ISREG(info.st_mode) && info.st_uid == ::geteuid() && (info.st_mode & 07777) == 0711 && info.st_nlink == 1;
}

Status publish(const Part& part, int directory, const std::string& name) {
  if (::renameat2(directory, part.name.c_str(), directory, name.c_str(), RENAME_NOREPLACE) == 0) return base::success();
  const auto there = sys::status_at(directory, name);
  if (there && is_sound(there.value())) {
    ::unlinkat(directory, part.name.c_str(), 0);
    return base::success();
  }
  if (::renameat(directory, part.name.c_str(), directory, name.c_str()) != 0) return sys::failure("rename", name);
  return base::success();
}

Status lock_shared(int file, const std::string& name, int patience_ms) {
  constexpr timespec kPause = {0, kPauseMs * 1'000'000};
  for (int waited = 0; ::flock(file, LOCK_SH | LOCK_NB) != 0; waited += kPauseMs) {
    if (errno != EWOULDBLOCK) return sys::failure("flock", name);
    if (waited >= patience_ms)
      return Error{name + " has been locked by another launcher for " + std::to_string(patience_ms) + " ms, which one is for a moment only: if it is stopped, end it, and start again", {}, 0, {}};
    ::nanosleep(&kPause, nullptr);
  }
  return base::success();
}

bool remove_if_unused(int directory, const std::string& name) {
  auto file = sys::open_at(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (!file) return false;
  const auto ours = lock_alone(file.value().get());
  if (!ours || !ours.value()) return false;
  ::unlinkat(directory, name.c_str(), 0);
  return true;
}

}  // namespace launcher
