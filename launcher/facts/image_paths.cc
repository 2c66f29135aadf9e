#include "launcher/facts/image_paths.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>

#include "launcher/sys/file.h"

namespace launcher {
namespace {

using base::Result;

PathFact::Kind kind_of(mode_t mode) {
  if (S_ISREG(mode)) return PathFact::Kind::file;
  if (S_ISDIR(mode)) return PathFact::Kind::directory;
  return PathFact::Kind::other;
}

Result<struct stat> status_in(const std::string& root, const std::string& relative) {
  const sys::Fd top = TRY(sys::open(root, O_PATH | O_DIRECTORY));
  const sys::Fd found = TRY(sys::open_beneath(top.get(), relative, O_PATH, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS));
  return sys::status_of(found.get());
}

}  // namespace

bool is_in_image(const HostFacts& facts, const std::string& path) { return !facts.image.empty() && path.starts_with(facts.image + "/"); }

std::string on_host(const HostFacts& facts, const std::string& path) {
  return is_in_image(facts, path) ? facts.root + path.substr(facts.image.size()) : path;
}

PathFact look_in_image(const HostFacts& facts, const std::string& path) {
  PathFact fact;
  const auto info = status_in(facts.root, path.substr(facts.image.size() + 1));
  if (!info) {
    if (info.error().code == ELOOP) fact.kind = PathFact::Kind::symlink;
    return fact;
  }
  fact.kind = fact.real_kind = kind_of(info.value().st_mode);
  fact.real = path;
  fact.uid = info.value().st_uid;
  fact.gid = info.value().st_gid;
  fact.mode = info.value().st_mode & 07777;
  return fact;
}

}  // namespace launcher
