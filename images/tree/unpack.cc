#include "images/tree/unpack.h"

#include <algorithm>
#include <map>

#include "images/store/refuse.h"

namespace images {
namespace {

constexpr const char* kMerged[] = {"bin", "sbin", "lib", "lib64"};

Entry entry_of(Member& member, const std::string& package) {
  Entry out{.mode = member.mode, .uid = member.uid, .gid = member.gid, .mtime = member.mtime, .target = {}, .package = package};
  if (member.kind == Member::Kind::directory) out.kind = Entry::Kind::directory;
  if (member.kind == Member::Kind::symlink) out.kind = Entry::Kind::symlink;
  if (member.kind == Member::Kind::symlink) out.target = std::move(member.target);
  if (member.kind == Member::Kind::file) out.content = content(std::move(member.bytes));
  return out;
}

base::Result<Entry> linked(const Member& member, const std::string& package, const PathMap& tree) {
  const Entry* original = tree.find(merged_usr(member.target));
  if (original == nullptr || original->kind != Entry::Kind::file || original->package != package)
    return refuse(member.path + " (of " + package + "): a hard link to `" + member.target + "`, which is no file of this archive");
  return *original;
}

// Packages disagree about the owners of folders that they share; dpkg leaves the first one's, and no owner stays in an image.
bool is_folder_there(const Member& member, const std::string& path, const std::string& package, const PathMap& tree) {
  const Entry* there = tree.find(path);
  return member.kind == Member::Kind::directory && there != nullptr && there->kind == Entry::Kind::directory && there->package != package;
}

}  // namespace

std::string merged_usr(const std::string& path) {
  for (const std::string top : kMerged) {
    if (path == top) return "";
    if (path.starts_with(top + "/")) return "usr/" + path;
  }
  return path;
}

base::Status add_members(std::vector<Member> members, const std::string& package, PathMap& tree) {
  for (Member& member : members) {
    const std::string path = merged_usr(member.path);
    if (path.empty()) {  // the root, or a folder that is a link here
      if (member.kind == Member::Kind::directory) continue;
      return refuse(member.path + " (of " + package + "): no folder, where the system has one");
    }
    if (is_folder_there(member, path, package, tree)) continue;
    Entry entry;
    if (member.kind == Member::Kind::hardlink)
      entry = TRY(linked(member, package, tree));
    else
      entry = entry_of(member, package);
    TRY(tree.add(path, std::move(entry)));
  }
  return base::success();
}

base::Status add_merged_usr(PathMap& tree) {
  for (const std::string top : kMerged)
    TRY(tree.add(top, {.kind = Entry::Kind::symlink, .mode = 0777, .target = "usr/" + top, .why = "merged /usr"}));
  return base::success();
}

}  // namespace images
