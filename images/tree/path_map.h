// What an image will hold, as a value: each path with its kind, mode, owner, content and the package that brought it.
// Nothing of it lies on disk before the blobs are written, so neither root nor a chroot is needed.
//
//   PathMap tree;
//   TRY(tree.add("usr/bin/php", {.kind = Entry::Kind::file, .mode = 0755, .content = bytes, .package = "php"}));
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "profiles/base/result.h"

namespace images {

using Content = std::shared_ptr<const std::string>;
inline Content content(std::string bytes) { return std::make_shared<const std::string>(std::move(bytes)); }

struct Entry {
  enum class Kind { file, directory, symlink };
  Kind kind = Kind::file;
  std::uint32_t mode = 0;  // with setuid, setgid and sticky
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::int64_t mtime = 0;  // 0: that of the image
  std::string target;      // of a symlink
  Content content = {};    // of a file; null in an outline alone (images/tree/outline.h)
  std::string package;     // empty: made by the builder
  std::string why;         // what keeps it in the image
  std::uint64_t size = 0;  // of a file of an outline
  bool is_program = false; // likewise
};
inline std::uint64_t size_of(const Entry& entry) { return entry.content ? entry.content->size() : entry.size; }
std::string_view kind_name(Entry::Kind kind);

class PathMap {
 public:
  using Entries = std::map<std::string, Entry>;  // by path, relative: "usr/bin/php". Parents come before children

  // Refused: a path that is not plain and relative, one that is there already (but for folders of one mode and owner),
  // one below something that is no folder, a symlink that climbs out of the tree. Missing parents become root's, 0755.
  base::Status add(const std::string& path, Entry entry);
  void erase(const std::string& path) { entries_.erase(path); }

  const Entry* find(const std::string& path) const;
  Entry* find(const std::string& path);
  // Where `path` leads when all links are followed, as in a chroot; nullopt when there is nothing. The links that were
  // passed on the way, in order, go to `passed`.
  std::optional<std::string> resolve(std::string_view path, std::vector<std::string>* passed = nullptr) const;

  const Entries& entries() const { return entries_; }
  Entries& entries() { return entries_; }

 private:
  base::Status add_parents(const std::string& path, const Entry& child);
  Entries entries_;
};

// The folder above, "" for one at the top.
std::string parent_of(const std::string& path);
// What a symlink at `path` points to, from the tree's root on; nullopt when it climbs above it.
std::optional<std::string> link_target(const std::string& path, std::string_view target);

}  // namespace images
