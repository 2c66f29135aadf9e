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
constexpr const char* kMark = "etc/fpmbox/root";  // what the builder adds to each: a folder without it is not ours to replace

base::Status check_replaceable(const fs::path& folder) {
  std::error_code failed;
  if (!fs::exists(fs::symlink_status(folder, failed)) || fs::exists(folder / kMark, failed) || fs::is_empty(folder, failed)) return base::success();
  return refuse(folder.string() + " is there and no root of fpmbox build; name another, or remove it");
}

base::Status fill(const std::string& form, const Rootfs& root, const std::string& draft, const fs::path& output) {
  const std::string folder = draft + "/root", image = draft + "/image";
  if (::mkdir(folder.c_str(), 0755) != 0) return sys::failure("mkdir", folder);
  TRY(stage(root.tree, root.epoch, folder));
  if (form == "dir") return put_in_place(folder, output.string());
  TRY(make_erofs(folder, root.epoch, root.uuid, image));
  if (::chmod(image.c_str(), 0644) != 0) return sys::failure("chmod", image);
  if (::rename(image.c_str(), output.c_str()) != 0) return sys::failure("rename", output.string());
  return base::success();
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
  if (form == "dir") TRY(check_replaceable(path));
  Rootfs marked = root;
  TRY(marked.tree.add(kMark, {.mode = 0444, .content = content("made by fpmbox build, " + root.uuid + "\n"), .why = "what this folder is"}));
  const std::string draft = TRY(make_draft(path));
  auto done = fill(form, marked, draft, path);
  remove_tree(draft);
  return done;
}

}  // namespace images
