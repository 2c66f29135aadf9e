#include "images/rootfs/write.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "images/rootfs/erofs.h"
#include "images/rootfs/stage.h"
#include "images/store/digest.h"
#include "images/store/refuse.h"
#include "images/store/replace.h"
#include "launcher/sys/file.h"

namespace images {
namespace {

namespace fs = std::filesystem;

// What pools run from is not taken away under them. rename(2) would say the same, after the work.
base::Status check_free(const fs::path& folder) {
  std::error_code failed;
  const fs::file_status there = fs::symlink_status(folder, failed);
  if (!fs::exists(there) || (fs::is_directory(there) && fs::is_empty(folder, failed))) return base::success();
  return refuse(folder.string() + " is there, and pools may run from it: name another folder for this root, and remove that one when none does");
}

base::Status rename_to(const std::string& draft, const fs::path& output) {
  return ::rename(draft.c_str(), output.c_str()) == 0 ? base::success() : base::Status(sys::failure("rename", output.string()));
}

base::Status fill(const std::string& form, const Rootfs& root, const std::string& draft, const fs::path& output) {
  const std::string folder = draft + "/root", image = draft + "/image";
  if (::mkdir(folder.c_str(), 0755) != 0) return sys::failure("mkdir", folder);
  TRY(stage(root.tree, root.epoch, folder));
  if (form == "dir") return rename_to(folder, output);
  TRY(make_erofs(folder, root.epoch, root.uuid, image));
  if (::chmod(image.c_str(), 0644) != 0) return sys::failure("chmod", image);
  return rename_to(image, output);
}

}  // namespace

std::string uuid_of(const std::string& text) {
  std::string hex = sha256(text).substr(0, 32);
  hex[12] = '8';
  hex[16] = 'a';
  for (const std::size_t at : {8u, 13u, 18u, 23u}) hex.insert(at, "-");
  return hex;
}

base::Status write_rootfs(const std::string& form, const Rootfs& root, const std::string& output) {
  fs::path path = output;
  if (!path.has_filename()) path = path.parent_path();
  if (form == "dir") TRY(check_free(path));
  const std::string draft = TRY(make_draft(path));
  auto done = fill(form, root, draft, path);
  remove_tree(draft);
  return done;
}

}  // namespace images
