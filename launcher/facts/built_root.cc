#include "launcher/facts/built_root.h"

#include <sys/stat.h>

#include "launcher/facts/trusted_tree.h"
#include "launcher/sys/file.h"

namespace launcher {
namespace {

using base::Result;
using sys::Fd;

// The host's own system is root's by its distribution's word; a folder lies where somebody put it. Nobody changes an image.
Result<std::string> trusted_folder(const std::string& path, const profiles::Filesystem& filesystem) {
  TRY(sys::check_trusted_path(path));
  for (const auto& system : filesystem.system) TRY(check_trusted_tree(path + system.path.text));
  return path;
}

struct BuiltRoot {
  std::string folder;
  bool is_image = false;
};

Result<BuiltRoot> open_root(const profiles::Filesystem& filesystem, const std::string& run_directory, MountedFor whom) {
  const std::string& path = filesystem.root;
  const Fd found = TRY(sys::open_without_links(path, O_PATH));
  const struct stat info = TRY(sys::status_of(found.get()));
  if (!S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode)) return base::Error{"it is neither a folder nor an image", {}, 0, {}};
  BuiltRoot out{{}, S_ISREG(info.st_mode)};
  out.folder = TRY(out.is_image ? mount_root(found, path, run_directory, whom) : trusted_folder(path, filesystem));
  return out;
}

}  // namespace

void find_root(const profiles::Policy& policy, MountedFor whom, HostFacts& facts) {
  const std::string& path = policy.filesystem.root;
  if (!path.starts_with("/") || facts.enclosed) return;
  if (facts.ordinary_user) {
    facts.root_reason = "a built root is root's to use: an ordinary user cannot ask its PHP what it is";
    return;
  }
  const auto opened = open_root(policy.filesystem, facts.run_directory, whom);
  if (!opened) {
    facts.root_reason = opened.error().text();
    return;
  }
  facts.root = opened.value().folder;
  if (opened.value().is_image) facts.image = path;
}

}  // namespace launcher
