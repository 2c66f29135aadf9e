#include "images/tree/packaged_code.h"

#include "images/store/refuse.h"

namespace images {
namespace {

constexpr int kDeepest = 40;  // a link to a folder above would have no end

class Copy {
 public:
  Copy(const PathMap& packages, const PathMap& made, PackagedCode& out) : packages_(packages), made_(made), out_(out) {}

  base::Status folder(const std::string& from, const std::string& to, int depth) {
    if (depth > kDeepest) return refuse(from + ": the package's folders lead in a circle");
    const std::string prefix = from + "/";
    const auto& all = packages_.entries();
    for (auto at = all.lower_bound(prefix); at != all.end() && at->first.starts_with(prefix); ++at) {
      const std::string name = at->first.substr(prefix.size());
      if (name.find('/') == std::string::npos) TRY(one(at->first, to.empty() ? name : to + "/" + name, depth));
    }
    return base::success();
  }

 private:
  base::Status one(const std::string& from, const std::string& to, int depth) {
    const auto real = packages_.resolve(from);
    const Entry* entry = real ? packages_.find(*real) : found_in_made(from);
    if (entry == nullptr) {
      out_.empty.push_back(to);
      return base::success();
    }
    if (entry->kind == Entry::Kind::directory) {
      TRY(out_.tree.add(to, {.kind = Entry::Kind::directory, .mode = 0755}));
      return folder(*real, to, depth + 1);
    }
    return out_.tree.add(to, {.mode = 0644, .content = entry->content, .package = entry->package});
  }

  const Entry* found_in_made(const std::string& from) const {
    const auto target = link_target(from, packages_.find(from)->target);
    const Entry* entry = target ? made_.find(*target) : nullptr;
    return entry != nullptr && entry->kind == Entry::Kind::file ? entry : nullptr;
  }

  const PathMap& packages_;
  const PathMap& made_;
  PackagedCode& out_;
};

}  // namespace

base::Result<PackagedCode> packaged_code(const PathMap& packages, const PathMap& made, const std::string& folder) {
  const auto real = packages.resolve(folder);
  if (!real || packages.find(*real) == nullptr || packages.find(*real)->kind != Entry::Kind::directory)
    return refuse("code.package: no package of this image has a folder " + folder);
  PackagedCode out;
  TRY(Copy(packages, made, out).folder(*real, "", 0));
  return out;
}

}  // namespace images
