#include "images/tree/prune.h"

#include <deque>
#include <set>

#include "images/store/refuse.h"
#include "images/tree/elf.h"
#include "profiles/base/pattern.h"
#include "profiles/base/text.h"

namespace images {
namespace {

// Where ld.so of Debian looks when nothing else is said.
constexpr const char* kLibraryFolders[] = {"usr/lib/x86_64-linux-gnu", "usr/lib64", "usr/lib"};

class Reach {
 public:
  explicit Reach(const PathMap& tree) : tree_(tree) {}

  // `path`, the links that lead to it, and all that it loads.
  base::Status keep(const std::string& path, const std::string& why) {
    const auto real = mark(path, why);
    if (!real) return refuse(path + ": is needed (" + why + ") and in no package of this image");
    waiting_.push_back(*real);
    while (!waiting_.empty()) {
      const std::string next = waiting_.front();
      waiting_.pop_front();
      if (!loaded_.insert(next).second) continue;
      auto done = follow(next);
      if (!done) return done.take_error().during(next);
    }
    return base::success();
  }

  // Packages of which something stays so far.
  std::set<std::string> packages() const {
    std::set<std::string> out;
    for (const auto& [path, why] : kept_) out.insert(tree_.find(path)->package);
    return out;
  }

  void keep_program(const std::string& path) {
    if (const auto real = tree_.resolve(path)) executable_.insert(*real);
  }

  base::Result<PathMap> result() const {
    PathMap out;
    for (const auto& [path, why] : kept_) {
      Entry entry = *tree_.find(path);
      entry.why = why;
      entry.uid = entry.gid = 0;
      if (entry.kind == Entry::Kind::directory) entry.mode = 0755;
      if (entry.kind == Entry::Kind::file) entry.mode = executable_.contains(path) ? 0755 : 0644;
      TRY(add_folders(path, out));
      TRY(out.add(path, std::move(entry)));
    }
    return out;
  }

 private:
  // Every link on the way, and the end; nullopt when there is no end.
  std::optional<std::string> mark(const std::string& path, const std::string& why) {
    std::vector<std::string> links;
    const auto real = tree_.resolve(path, &links);
    if (!real || real->empty()) return std::nullopt;
    for (const std::string& link : links) kept_.emplace(link, why);
    kept_.emplace(*real, why);
    return real;
  }

  base::Status follow(const std::string& path) {
    const Entry& entry = *tree_.find(path);
    if (entry.kind != Entry::Kind::file) return base::success();
    const std::optional<Needs> needs = TRY(read_needs(*entry.content));
    if (!needs) return base::success();
    if (!needs->interpreter.empty()) {
      keep_program(needs->interpreter);
      TRY(load(needs->interpreter.substr(1), path));
    }
    for (const std::string& library : needs->libraries) TRY(load(found(library, *needs, path), path));
    return base::success();
  }

  base::Status load(const std::string& library, const std::string& by) {
    const auto real = mark(library, "loaded by " + by);
    if (!real) return refuse("needs " + library + ", which no package of this image brings; it came as: " + kept_.at(by));
    waiting_.push_back(*real);
    return base::success();
  }

  std::string found(const std::string& library, const Needs& needs, const std::string& by) const {
    std::vector<std::string> folders;
    for (std::string folder : needs.folders) {
      if (folder.starts_with("$ORIGIN")) folder = parent_of(by) + folder.substr(7);
      folders.push_back(folder);
    }
    folders.insert(folders.end(), std::begin(kLibraryFolders), std::end(kLibraryFolders));
    for (const std::string& folder : folders)
      if (const auto real = tree_.resolve(folder + "/" + library)) return folder + "/" + library;
    return library;
  }

  // As the packages have them; those that only a link of ours leads through are plain.
  base::Status add_folders(const std::string& path, PathMap& out) const {
    const std::string parent = parent_of(path);
    if (parent.empty() || out.find(parent) != nullptr) return base::success();
    TRY(add_folders(parent, out));
    return out.add(parent, {.kind = Entry::Kind::directory, .mode = 0755, .why = "holds " + path});
  }

  const PathMap& tree_;
  std::map<std::string, std::string> kept_;
  std::set<std::string> loaded_, executable_;
  std::deque<std::string> waiting_;
};

// "usr/share/zoneinfo" matches itself and all below it, "usr/share/doc/*/copyright" as matches_path().
bool matches(const std::string& pattern, const std::string& path) {
  if (!path.starts_with(std::string_view(pattern).substr(0, pattern.find('*')))) return false;  // most, without a split
  if (base::matches_path(pattern, path)) return true;
  const auto depth = base::split(pattern, '/').size();
  const auto parts = base::split(path, '/');
  if (parts.size() <= depth) return false;
  return base::matches_path(pattern, base::join(std::span(parts).first(depth), "/"));
}

// "usr/share/doc/*/copyright": a licence's text is wanted of what stays, and of nothing else that was unpacked beside it.
bool is_of_all_packages(const std::string& pattern) { return pattern.starts_with("usr/share/doc/*/"); }

base::Status keep_matching(const PathMap& tree, const std::string& pattern, Reach& reach) {
  const std::set<std::string> packages = reach.packages();
  bool is_there = false;
  for (const auto& [path, entry] : tree.entries()) {
    if (!matches(pattern, path)) continue;
    is_there = true;
    // a link that leads to what is not there is of no use
    if (entry.kind == Entry::Kind::symlink && !tree.resolve(path)) continue;
    if (is_of_all_packages(pattern) && !packages.contains(entry.package)) continue;
    TRY(reach.keep(path, "keep: " + pattern));
  }
  return is_there ? base::success() : refuse("keep: " + pattern + ": no package of this image has such a path");
}

}  // namespace

base::Result<PathMap> prune(const PathMap& tree, const Roots& roots) {
  Reach reach(tree);
  for (const std::string& program : roots.programs) {
    reach.keep_program(program);
    TRY(reach.keep(program, "the program itself"));
  }
  for (const std::string& library : roots.libraries) TRY(reach.keep(library, "loaded by php-fpm as an extension"));
  for (const bool last : {false, true})
    for (const std::string& pattern : roots.keep)
      if (is_of_all_packages(pattern) == last) TRY(keep_matching(tree, pattern, reach));
  return reach.result();
}

}  // namespace images
