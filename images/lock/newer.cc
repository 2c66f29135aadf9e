#include "images/lock/newer.h"

#include <algorithm>
#include <map>

namespace images {
namespace {

// By where it is fetched from: the suite with the longest mirror that is a part of it.
bool is_security(const Lock& lock, const LockedPackage& package) {
  const LockedSuite* best = nullptr;
  for (const LockedSuite& suite : lock.suites) {
    const std::string mirror = suite.mirror.ends_with('/') ? suite.mirror : suite.mirror + "/";
    if (package.uri.starts_with(mirror) && (best == nullptr || best->mirror.size() < suite.mirror.size())) best = &suite;
  }
  return best != nullptr && best->name.find("security") != std::string::npos;
}

}  // namespace

std::vector<Newer> newer(const Lock& lock, const Lock& now) {
  std::map<std::string, std::string> versions;
  for (const LockedPackage& package : lock.packages) versions[package.name] = package.version;
  std::vector<Newer> out;
  for (const LockedPackage& package : now.packages)
    if (const std::string& from = versions[package.name]; from != package.version)
      out.push_back({package.name, from, package.version, package.source, is_security(now, package)});
  std::stable_partition(out.begin(), out.end(), [](const Newer& one) { return one.is_security; });
  return out;
}

}  // namespace images
