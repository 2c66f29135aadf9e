#include "launcher/harness/scratch.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launcher/sys/file.h"

namespace harness {
namespace {

using base::Result;
using base::Status;
using launcher::MountOp;
using sys::Fd;

constexpr CopyBudget kBudget{256ULL * 1024 * 1024, 200'000, 0, {}};

std::string parent_of(const std::string& path) { return path.substr(0, path.rfind('/')); }
std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

Result<Fd> make_folder(int parent, const std::string& name, mode_t mode) {
  TRY(sys::make_directory_at(parent, name, mode));
  return sys::open_at(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
}

Status copy_writable(const launcher::Plan& plan, Scratch& scratch) {
  const Fd copies = TRY(make_folder(scratch.folder.get(), "copies", 0700));
  for (const MountOp& op : plan.mounts) {
    if (!op.key.starts_with("filesystem.writable[") || op.kind != MountOp::Kind::bind) continue;
    const std::string name = std::to_string(scratch.copies.size());
    TRY(copy_tree(op.source, copies.get(), name, scratch.budget));
    scratch.copies[op.target] = scratch.path + "/copies/" + name;
  }
  return base::success();
}

Status write_acts(const std::vector<ScratchFile>& files, const Scratch& scratch) {
  const Fd acts = TRY(make_folder(scratch.folder.get(), "acts", 0755));
  for (const ScratchFile& file : files) TRY(sys::write_file_at(acts.get(), file.name, file.content, 0644));
  return base::success();
}

constexpr const char* kPage = "<?php echo 'page';\n";

std::string code_of(const launcher::Plan& plan) {
  for (const MountOp& op : plan.mounts)
    if (op.key == "filesystem.code" && op.kind == MountOp::Kind::bind) return op.target;
  return {};
}

Status give(int fd, const launcher::Plan& plan) { return ::geteuid() == 0 ? sys::change_owner(fd, plan.uid, plan.gid) : base::success(); }

Status make_file(int folder, const std::string& name, const std::string& content, const launcher::Plan& plan) {
  TRY(sys::write_file_at(folder, name, content, 0644));
  const Fd file = TRY(sys::open_at(folder, name, O_RDONLY | O_NOFOLLOW));
  return give(file.get(), plan);
}

// A page, and the places over which the writable paths are mounted.
Status make_decoy(const launcher::Plan& plan, const Scratch& scratch) {
  const Fd decoy = TRY(make_folder(scratch.folder.get(), "decoy", 0755));
  TRY(give(decoy.get(), plan));
  TRY(make_file(decoy.get(), "index.php", kPage, plan));
  const std::string code = code_of(plan) + "/";
  for (const MountOp& op : plan.mounts) {
    if (!op.key.starts_with("filesystem.writable[") || !op.target.starts_with(code)) continue;
    const std::string path = op.target.substr(code.size());
    const auto slash = path.rfind('/');
    const Fd parent = TRY(sys::make_directories(decoy.get(), slash == path.npos ? "" : path.substr(0, slash), 0755));
    const std::string name = path.substr(slash == path.npos ? 0 : slash + 1);
    TRY(op.is_directory ? sys::make_directory_at(parent.get(), name, 0755) : sys::write_file_at(parent.get(), name, "", 0644));
  }
  return base::success();
}

Result<Fd> open_parent(const std::string& path) {
  const Fd root = TRY(sys::open("/", O_PATH | O_DIRECTORY));
  Fd parent = TRY(sys::make_directories(root.get(), parent_of(path).substr(1), 0755));
  if (::geteuid() == 0) TRY(sys::check_trusted_path(parent_of(path)));
  return sys::open_at(parent.get(), ".", O_RDONLY | O_DIRECTORY);
}

Status fill(const ScratchInput& input, Scratch& scratch) {
  TRY(copy_writable(input.plan, scratch));
  TRY(write_acts(input.acts, scratch));
  TRY(make_decoy(input.plan, scratch));
  for (const char* name : {"bait", "control", "against"}) TRY(sys::make_directory_at(scratch.folder.get(), name, 0755));
  return base::success();
}

}  // namespace

Result<Scratch> make_scratch(const ScratchInput& input) {
  const Fd parent = TRY(open_parent(input.path));
  TRY(remove_tree(parent.get(), name_of(input.path)));
  Scratch scratch;
  scratch.path = input.path;
  scratch.budget = kBudget;
  scratch.folder = TRY(make_folder(parent.get(), name_of(input.path), 0755));
  if (auto filled = fill(input, scratch); !filled) {
    (void)remove_tree(parent.get(), name_of(input.path)).ok();  // the first error is the one to tell
    return std::move(filled).take_error().during("the trial's folder " + input.path);
  }
  return scratch;
}

Status remove_scratch(const std::string& path) {
  const Fd parent = TRY(open_parent(path));
  return remove_tree(parent.get(), name_of(path));
}

}  // namespace harness
