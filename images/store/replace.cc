#include "images/store/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "images/store/files.h"
#include "images/store/refuse.h"
#include "launcher/sys/file.h"

namespace images {

base::Result<std::string> make_draft(const std::filesystem::path& folder) {
  const std::filesystem::path parent = folder.has_parent_path() ? folder.parent_path() : ".";
  { const sys::Fd made = TRY(make_folders(parent.string())); }
  std::string draft = (parent / ("." + folder.filename().string() + ".XXXXXX")).string();
  if (::mkdtemp(draft.data()) == nullptr) return sys::failure("mkdtemp", draft);
  if (::chmod(draft.c_str(), 0755) != 0) return sys::failure("chmod", draft);
  return draft;
}

base::Status put_in_place(const std::string& draft, const std::string& folder) {
  struct stat there = {};
  // exchanged, the draft would be the link, and what it leads to removed for it
  if (::lstat(folder.c_str(), &there) == 0 && S_ISLNK(there.st_mode)) return refuse(folder + " is a symlink; name the folder itself");
  if (::renameat2(AT_FDCWD, draft.c_str(), AT_FDCWD, folder.c_str(), RENAME_EXCHANGE) == 0) {
    remove_tree(draft);
    return base::success();
  }
  if (errno != ENOENT || ::rename(draft.c_str(), folder.c_str()) != 0) return sys::failure("rename", folder);
  return base::success();
}

void remove_tree(const std::string& folder) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  // an iterator follows the link that it is given
  if (fs::is_symlink(fs::symlink_status(folder, ignored))) {
    fs::remove(folder, ignored);
    return;
  }
  for (fs::recursive_directory_iterator at(folder, ignored), end; at != end; at.increment(ignored))
    if (at->is_directory(ignored) && !at->is_symlink(ignored)) fs::permissions(at->path(), fs::perms::owner_all, ignored);
  fs::remove_all(folder, ignored);
}

}  // namespace images
