// A file that is being filled in a folder which several launchers fill and clear up at once. Until it has its name it is a part, with a
// name that nobody has had before, and locked: whoever clears up removes what is not, by name.
//
//   const Part part = TRY(make_part(directory));
//   TRY(copy_bytes(source, part.file.get()));
//   TRY(publish(part, directory, "php-fpm-DIGEST"));
#pragma once

#include <sys/stat.h>

#include <string>
#include <string_view>

#include "launcher/sys/fd.h"
#include "profiles/base/result.h"

namespace launcher {

inline constexpr std::string_view kPart = ".part-";

struct Part {
  std::string name;
  sys::Fd file;  // flock(2), exclusive; writable
};
base::Result<Part> make_part(int directory);

// A file that was opened by a name is ours once we hold its lock alone and it has the name still. false: somebody else has the lock, or
// has removed it.
base::Result<bool> lock_alone(int file);

// As a copy is once it is filled and nobody can change it any more: root's (or the caller's), of one name.
bool is_sound(const struct stat& info);

// Gives it that name; a sound file that has it stays in its place, for somebody may hold it already. Either way the part is gone.
base::Status publish(const Part& part, int directory, const std::string& name);

// A shared lock. The others' are short, unless one of them is stopped: the error says so after that time.
base::Status lock_shared(int file, const std::string& name, int patience_ms);

// Locked until the name is gone: who comes for it meanwhile waits for the lock, finds the file without a name, and asks again.
// false: it is in use.
bool remove_if_unused(int directory, const std::string& name);

}  // namespace launcher
