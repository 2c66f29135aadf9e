// What the box sees of the file system, and what it may write.
#pragma once
#include "profiles/model/describe.h"

namespace profiles {

// A path of the code tree that the pool's user may write.
struct Writable {
  TreePath path;
  bool optional = false;
  friend bool operator==(const Writable&, const Writable&) = default;
  const std::string& item_name() const { return path.text; }
};
template <class V>
void describe(V& v, Writable& f) {
  v.title("path", f.path, "File or folder, relative to the code.");
  v.field("optional", f.optional, "No error when it does not exist.");
}

// A part of the host's system (libraries, time zones, certificates) that is shown read-only under its own path.
struct SystemPath {
  HostPath path;
  bool optional = false;
  std::string why;  // required in a pool file: it widens the view
  friend bool operator==(const SystemPath&, const SystemPath&) = default;
  const std::string& item_name() const { return path.text; }
};
template <class V>
void describe(V& v, SystemPath& f) {
  v.title("path", f.path, "File or folder of the host, shown read-only under the same path.");
  v.field("optional", f.optional, "No error when the host does not have it.");
  v.field("why", f.why, "Why the box needs to see it.");
}

struct Tmp {
  base::Bytes size{256ull * 1024 * 1024};
  std::uint32_t inodes = 16384;
  friend bool operator==(const Tmp&, const Tmp&) = default;
};
template <class V>
void describe(V& v, Tmp& f) {
  v.field("size", f.size, "Most that /tmp may hold; uploads pass through it.");
  v.field("inodes", f.inodes, "Most files that /tmp may hold.");
}

struct Filesystem {
  HostPath code;               // a directory, or a symlink to a version
  HostPath data;               // holds the writable paths outside the versions; empty: they stay in the tree
  std::string root = "system"; // "system", or a built root (directory, .erofs, .squashfs)
  std::vector<Writable> writable;
  std::vector<SystemPath> system;
  Tmp tmp;
  Mode umask{0022};
  std::string owned_by_pool;   // "" or "accepted"
  std::string why;             // why owned_by_pool
  friend bool operator==(const Filesystem&, const Filesystem&) = default;
};

template <class V>
void describe(V& v, Filesystem& f) {
  v.field("code", f.code, "The application: a directory, or a symlink to a version, resolved at launch and pinned.");
  v.field("data", f.data, "Directory that holds the writable paths outside the versions; without it they stay in the code tree.");
  v.field("root", f.root, "\"system\" (parts of the host's own system) or the path of a built root: a folder or an EROFS image, whose code has a path that begins with the image's.");
  v.field("writable", f.writable, "Paths of the code tree that the application must write.");
  v.field("system", f.system, "Parts of the host's system shown read-only.");
  v.field("tmp", f.tmp, "The box's own /tmp, empty at every start.");
  v.field("umask", f.umask, "Permission bits taken from new files.");
  v.field("owned_by_pool", f.owned_by_pool, "\"accepted\" when the code belongs to the pool's own user; needs why.");
  v.field("why", f.why, "Why the pool's user owns the code.");
}

}  // namespace profiles
