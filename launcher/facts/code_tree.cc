#include "launcher/facts/code_tree.h"

#include <dirent.h>
#include <limits.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "launcher/facts/host_check_facets.h"
#include "launcher/facts/image_paths.h"
#include "launcher/sys/file.h"
#include "profiles/base/text.h"

namespace launcher {
namespace {

constexpr int kDeepest = 200;  // one open fd each

void note(Offence& offence, const std::string& path, const std::string& why = {}) {
  ++offence.count;
  if (offence.first.size() < Offence::kListed) offence.first.push_back(why.empty() ? path : path + " (" + why + ")");
}

class Walker {
 public:
  Walker(const CodeWalk& walk, const PoolIds& pool) : walk_(walk), pool_(pool) {}

  void enter(sys::Fd directory, const std::string& relative, int depth) {
    note_acl(directory.get(), relative);
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(directory.get()), ::closedir);
    if (!stream) return note(tree.unreadable, shown(relative));
    directory.release();
    while (const dirent* entry = ::readdir(stream.get())) {
      const std::string name = entry->d_name;
      if (name == "." || name == "..") continue;
      if (tree.entries >= walk_.most_entries) {
        tree.complete = false;
        return;
      }
      ++tree.entries;
      look(::dirfd(stream.get()), name, relative.empty() ? name : relative + "/" + name, depth);
    }
  }

  CodeTree tree;

 private:
  static std::string shown(const std::string& relative) { return relative.empty() ? "." : relative; }

  void judge(const struct stat& info, const std::string& relative) {
    const mode_t mode = info.st_mode;
    if (const auto why = why_writable({info.st_uid, info.st_gid, mode}, pool_); !why.empty())
      note(tree.writable, relative, why);
    if (S_ISREG(mode) && (mode & (S_ISUID | S_ISGID)) != 0) note(tree.set_id, relative);
    if (!S_ISREG(mode) && !S_ISDIR(mode)) note(tree.special, relative);
  }

  void look(int parent, const std::string& name, const std::string& relative, int depth) {
    if (std::find(walk_.passed_over.begin(), walk_.passed_over.end(), relative) != walk_.passed_over.end()) return;
    const auto info = sys::status_at(parent, name);
    if (!info) return;  // gone since it was listed
    if (S_ISLNK(info.value().st_mode)) return look_at_link(parent, name, relative);
    judge(info.value(), relative);
    if (!S_ISDIR(info.value().st_mode)) return;
    if (depth >= kDeepest) {
      tree.complete = false;
      return;
    }
    auto below = sys::open_at(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    if (!below) return note(tree.unreadable, relative);
    enter(std::move(below).value(), relative, depth + 1);
  }

  // A symlink's own owner and mode mean nothing: who can write its folder can replace it.
  void look_at_link(int parent, const std::string& name, const std::string& relative) {
    char text[PATH_MAX] = {};
    if (::readlinkat(parent, name.c_str(), text, sizeof text - 1) < 0) return;
    const auto slash = relative.rfind('/');
    const std::string target = link_target(walk_.root, slash == relative.npos ? "" : relative.substr(0, slash), text);
    if (is_within(target, walk_.root)) return;
    for (const std::string& path : walk_.shown)
      if (is_within(target, path)) return;
    note(tree.leaving, relative, "to " + std::string(text));
  }

  void note_acl(int directory, const std::string& relative) {
    if (::fgetxattr(directory, "system.posix_acl_access", nullptr, 0) > 0 ||
        ::fgetxattr(directory, "system.posix_acl_default", nullptr, 0) > 0)
      note(tree.with_acl, shown(relative));
  }

  const CodeWalk& walk_;
  const PoolIds& pool_;
};

std::string listed(const Offence& offence) {
  const std::size_t more = offence.count - offence.first.size();
  return base::join(offence.first, ", ") + (more == 0 ? "" : " and " + std::to_string(more) + " more");
}

std::string files(const Offence& offence, const char* one, const char* many) {
  return std::to_string(offence.count) + " " + (offence.count == 1 ? one : many) + ": " + listed(offence);
}

void report(const HostCheckInput& input, const std::string& root, const CodeTree& tree) {
  constexpr const char* kKey = "filesystem.code";
  const auto& filesystem = input.policy.filesystem;
  if (tree.writable.count != 0 && filesystem.owned_by_pool != "accepted" &&
      (!input.facts.ordinary_user || input.facts.container))
    host_error(input, kKey,
               "the pool's user can change what it executes in `" + root + "`, " +
                   files(tree.writable, "file or folder", "files and folders"),
               to_repair_code(input, "run: " + give_code_to_root(input, root) + "; or accept it with owned_by_pool"));
  if (tree.leaving.count != 0)
    host_warning(
        input, kKey,
        "lead nowhere inside the box, " + files(tree.leaving, "symlink out of the code", "symlinks out of the code"),
        "put the files into the code, or show what they lead to in filesystem.system");
  if (tree.set_id.count != 0)
    host_warning(input, kKey,
                 "have no effect in the box and no place in code, " + files(tree.set_id, "set-id file", "set-id files"),
                 to_repair_code(input, "run: chmod -R ug-s " + shell_word(root)));
  if (tree.special.count != 0)
    host_warning(
        input, kKey,
        "have no place in code, " + files(tree.special, "device, FIFO or socket", "devices, FIFOs and sockets"),
        to_repair_code(input, "remove them"));
  if (tree.with_acl.count != 0)
    host_warning(
        input, kKey, "have POSIX ACLs, which are not looked into here, " + files(tree.with_acl, "folder", "folders"),
        to_repair_code(input, "see who they let in: getfacl -R " + shell_word(root) + "; remove them: setfacl -R -b " + shell_word(root)));
  if (tree.unreadable.count != 0)
    host_warning(input, kKey, "could not be looked into, " + files(tree.unreadable, "folder", "folders"),
                 "run the check as root");
  if (!tree.complete)
    host_warning(
        input, kKey,
        "only the first " + std::to_string(tree.entries) + " files and folders of `" + root + "` were looked at",
        "keep what is not code elsewhere");
}

}  // namespace

std::string link_target(const std::string& root, const std::string& folder, std::string_view text) {
  std::vector<std::string> parts;
  const std::string start = text.starts_with('/') ? "" : root + "/" + folder;
  for (const std::string& part : base::split(start + "/" + std::string(text), '/')) {
    if (part.empty() || part == ".") continue;
    if (part != "..")
      parts.push_back(part);
    else if (!parts.empty())
      parts.pop_back();
  }
  return "/" + base::join(parts, "/");
}

base::Result<CodeTree> walk_code_tree(const CodeWalk& walk, const PoolIds& pool) {
  sys::Fd root = TRY(sys::open(walk.place.empty() ? walk.root : walk.place, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  Walker walker(walk, pool);
  walker.enter(std::move(root), "", 0);
  return std::move(walker.tree);
}

void check_code_tree(const HostCheckInput& input) {
  const auto pool = pool_ids(input.policy, input.facts);
  const auto& filesystem = input.policy.filesystem;
  const PathFact& code = path_fact(input.facts, filesystem.code.text);
  if (!pool || code.real_kind != PathFact::Kind::directory || code.real == "/") return;  // check_host() has said so
  CodeWalk walk{.root = code.real, .place = on_host(input.facts, code.real), .passed_over = {}, .shown = {filesystem.code.text}};
  for (const auto& writable : filesystem.writable) walk.passed_over.push_back(writable.path.text);
  for (const auto& system : filesystem.system) walk.shown.push_back(system.path.text);
  const auto tree = walk_code_tree(walk, *pool);
  if (!tree) return host_error(input, "filesystem.code", tree.error().text(), "run the check as root");
  report(input, code.real, tree.value());
}

}  // namespace launcher
