#include "images/tree/path_map.h"

#include "images/store/refuse.h"
#include "profiles/base/text.h"

namespace images {
namespace {

constexpr int kMostLinks = 40;  // as the kernel's ELOOP

std::string from(const Entry& entry) { return entry.package.empty() ? "" : " (of " + entry.package + ")"; }

bool is_same_folder(const Entry& a, const Entry& b) {
  return a.kind == Entry::Kind::directory && b.kind == a.kind && a.mode == b.mode && a.uid == b.uid && a.gid == b.gid;
}

base::Status check_link(const std::string& path, const Entry& entry) {
  if (entry.kind != Entry::Kind::symlink) return base::success();
  if (entry.target.empty() || entry.target.find('\0') != std::string::npos || !link_target(path, entry.target))
    return refuse(path + from(entry) + ": a link out of the tree, to `" + base::escape_control(entry.target) + "`");
  return base::success();
}

}  // namespace

std::string_view kind_name(Entry::Kind kind) {
  switch (kind) {
    case Entry::Kind::file: return "file";
    case Entry::Kind::directory: return "folder";
    case Entry::Kind::symlink: return "link";
  }
  return "";
}

std::string parent_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

std::optional<std::string> link_target(const std::string& path, std::string_view target) {
  std::vector<std::string> parts;
  if (!target.starts_with('/'))
    if (const std::string parent = parent_of(path); !parent.empty()) parts = base::split(parent, '/');
  for (const std::string& part : base::split(target, '/')) {
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.push_back(part);
    } else if (parts.empty()) {
      return std::nullopt;
    } else {
      parts.pop_back();
    }
  }
  return base::join(parts, "/");
}

base::Status PathMap::add_parents(const std::string& path, const Entry& child) {
  const std::string parent = parent_of(path);
  if (parent.empty()) return base::success();
  if (const Entry* above = find(parent)) {
    if (above->kind == Entry::Kind::directory) return base::success();
    return refuse(path + from(child) + ": lies below " + parent + from(*above) + ", which is a " + std::string(kind_name(above->kind)));
  }
  TRY(add_parents(parent, child));
  entries_[parent] = {.kind = Entry::Kind::directory, .mode = 0755, .package = child.package};
  return base::success();
}

base::Status PathMap::add(const std::string& path, Entry entry) {
  if (!base::is_normal_relative(path) || path.find('\0') != std::string::npos)
    return refuse("`" + base::escape_control(path) + "`" + from(entry) + " is no plain path below the image's root");
  if (const Entry* there = find(path)) {
    if (is_same_folder(*there, entry)) return base::success();
    return refuse(path + ": is there twice, as a " + std::string(kind_name(there->kind)) + from(*there) + " and as a " +
                  std::string(kind_name(entry.kind)) + from(entry));
  }
  TRY(check_link(path, entry));
  TRY(add_parents(path, entry));
  entries_.emplace(path, std::move(entry));
  return base::success();
}

const Entry* PathMap::find(const std::string& path) const {
  const auto at = entries_.find(path);
  return at == entries_.end() ? nullptr : &at->second;
}

Entry* PathMap::find(const std::string& path) {
  const auto at = entries_.find(path);
  return at == entries_.end() ? nullptr : &at->second;
}

std::optional<std::string> PathMap::resolve(std::string_view path, std::vector<std::string>* passed) const {
  std::vector<std::string> left = base::split(path, '/');
  std::string at;
  for (int links = 0; !left.empty();) {
    const std::string part = left.front();
    left.erase(left.begin());
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      at = parent_of(at);
      continue;
    }
    const std::string next = at.empty() ? part : at + "/" + part;
    const Entry* entry = find(next);
    if (entry == nullptr) return std::nullopt;
    if (entry->kind != Entry::Kind::symlink) {
      at = next;
      continue;
    }
    const auto target = link_target(next, entry->target);
    if (!target || ++links > kMostLinks) return std::nullopt;
    if (passed != nullptr) passed->push_back(next);
    std::vector<std::string> parts = base::split(*target, '/');
    left.insert(left.begin(), parts.begin(), parts.end());
    at.clear();
  }
  return at;
}

}  // namespace images
