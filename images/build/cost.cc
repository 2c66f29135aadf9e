#include "images/build/cost.h"

#include <algorithm>
#include <map>

#include "images/build/runtime.h"
#include "images/tree/prune.h"

namespace images {
namespace {

CostShare all_of(const std::string& name, const PathMap& tree) {
  CostShare out{name, 0, 0};
  for (const auto& [path, entry] : tree.entries()) {
    if (entry.kind != Entry::Kind::file) continue;
    out.bytes += size_of(entry);
    ++out.files;
  }
  return out;
}

void sort(std::vector<CostShare>& shares) {
  std::stable_sort(shares.begin(), shares.end(), [](const CostShare& a, const CostShare& b) { return a.bytes > b.bytes; });
}

std::vector<CostShare> packages_in(const PathMap& tree) {
  std::map<std::string, CostShare> found;
  for (const auto& [path, entry] : tree.entries()) {
    if (entry.kind != Entry::Kind::file) continue;
    CostShare& share = found[entry.package];
    share.name = entry.package;
    share.bytes += size_of(entry);
    ++share.files;
  }
  std::vector<CostShare> out;
  for (const auto& [name, share] : found) out.push_back(share);
  sort(out);
  return out;
}

}  // namespace

base::Result<Cost> cost_of(const PathMap& runtime, const Recipe& recipe, const profiles::Policy& policy) {
  const Roots roots = TRY(roots_of(runtime, recipe, policy));
  const PathMap with_all = TRY(prune(runtime, roots));
  const CostShare all = all_of("", with_all);
  Cost out{packages_in(runtime), {}};
  for (const std::string& library : roots.libraries) {
    Roots without = roots;
    std::erase(without.libraries, library);
    const PathMap rest = TRY(prune(runtime, without));
    const CostShare left = all_of("", rest);
    const std::string file = library.substr(library.rfind('/') + 1);
    out.extensions.push_back({file.substr(0, file.rfind('.')), all.bytes - left.bytes, all.files - left.files});
  }
  sort(out.extensions);
  return out;
}

}  // namespace images
